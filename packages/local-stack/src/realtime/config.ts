import { z } from 'zod';
import { hostedLimits, relaxedLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import type { RealtimeServerOptions } from './server.ts';

const limit = z.coerce.number().int().positive().optional();
const flag = z.stringbool().default(false);

const environmentSchema = z.object({
  REALTIME_PORT: z.coerce.number().int().min(0).max(65_535),
  REALTIME_HOST: z.string().min(1).default('127.0.0.1'),
  SUPABASE_DB_URL: z.string().min(1),
  SUPABASE_JWT_SECRET: z.string().min(1),
  SUPABASE_PUBLISHABLE_KEY: z.string().min(1),
  SUPABASE_SECRET_KEY: z.string().min(1),
  REALTIME_PRIVATE_ONLY: flag,
  REALTIME_RELAX_LIMITS: flag,
  REALTIME_MAX_CONNECTIONS: limit,
  REALTIME_MAX_MESSAGES_PER_SECOND: limit,
  REALTIME_MAX_JOINS_PER_SECOND: limit,
  REALTIME_MAX_CHANNELS_PER_CONNECTION: limit,
  REALTIME_MAX_PRESENCE_MESSAGES_PER_SECOND: limit,
  REALTIME_MAX_PRESENCE_KEYS: limit,
  REALTIME_MAX_PRESENCE_CALLS: limit,
  REALTIME_MAX_PAYLOAD_KB: limit,
  REALTIME_MAX_FRAME_BYTES: limit,
  REALTIME_PRESENCE_WINDOW_MS: limit,
  REALTIME_ERROR_DELAY_MS: z.coerce.number().int().min(0).default(250),
  REALTIME_IDLE_TIMEOUT_MS: z.coerce.number().int().positive().default(60_000),
});

/** Reads the server's settings from the environment; throws a ZodError naming what is wrong. */
export function readRealtimeConfig(environment: NodeJS.ProcessEnv = process.env): RealtimeServerOptions {
  const parsed = environmentSchema.parse(environment);
  const base = parsed.REALTIME_RELAX_LIMITS ? relaxedLimits : hostedLimits;
  const limits: Limits = {
    connections: parsed.REALTIME_MAX_CONNECTIONS ?? base.connections,
    messagesPerSecond: parsed.REALTIME_MAX_MESSAGES_PER_SECOND ?? base.messagesPerSecond,
    joinsPerSecond: parsed.REALTIME_MAX_JOINS_PER_SECOND ?? base.joinsPerSecond,
    channelsPerConnection: parsed.REALTIME_MAX_CHANNELS_PER_CONNECTION ?? base.channelsPerConnection,
    presenceMessagesPerSecond:
      parsed.REALTIME_MAX_PRESENCE_MESSAGES_PER_SECOND ?? base.presenceMessagesPerSecond,
    presenceKeys: parsed.REALTIME_MAX_PRESENCE_KEYS ?? base.presenceKeys,
    presenceCalls: parsed.REALTIME_MAX_PRESENCE_CALLS ?? base.presenceCalls,
    presenceWindowMs: parsed.REALTIME_PRESENCE_WINDOW_MS ?? base.presenceWindowMs,
    payloadKilobytes: parsed.REALTIME_MAX_PAYLOAD_KB ?? base.payloadKilobytes,
    frameBytes: parsed.REALTIME_MAX_FRAME_BYTES ?? base.frameBytes,
  };
  return {
    host: parsed.REALTIME_HOST,
    port: parsed.REALTIME_PORT,
    databaseUrl: parsed.SUPABASE_DB_URL,
    keys: {
      publishableKey: parsed.SUPABASE_PUBLISHABLE_KEY,
      secretKey: parsed.SUPABASE_SECRET_KEY,
      jwtSecret: parsed.SUPABASE_JWT_SECRET,
    },
    limits,
    privateOnly: parsed.REALTIME_PRIVATE_ONLY,
    errorDelayMs: parsed.REALTIME_ERROR_DELAY_MS,
    idleTimeoutMs: parsed.REALTIME_IDLE_TIMEOUT_MS,
  };
}
