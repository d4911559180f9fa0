import { z } from 'zod';

const functionSchema = z.record(z.string(), z.object({ url: z.url(), verifyJwt: z.boolean() }));

const environmentSchema = z.object({
  GATEWAY_PORT: z.coerce.number().int().min(0).max(65_535),
  GATEWAY_HOST: z.string().min(1).default('127.0.0.1'),
  /** How clients reach this gateway; the issuer of tokens. */
  GATEWAY_PUBLIC_URL: z.url(),
  /** Where mail links lead. */
  GATEWAY_SITE_URL: z.url(),
  GATEWAY_STORAGE_FOLDER: z.string().min(1),
  GATEWAY_REALTIME_URL: z.url(),
  /** JSON: function name → { url, verifyJwt }. */
  GATEWAY_FUNCTIONS: z
    .string()
    .default('{}')
    .transform((text) => functionSchema.parse(JSON.parse(text))),
  GATEWAY_ACCESS_TOKEN_SECONDS: z.coerce.number().int().positive().default(3600),
  SUPABASE_DB_URL: z.string().min(1),
  SUPABASE_JWT_SECRET: z.string().min(32),
  SUPABASE_PUBLISHABLE_KEY: z.string().min(1),
  SUPABASE_SECRET_KEY: z.string().min(1),
});

export type GatewayConfig = {
  port: number;
  host: string;
  publicUrl: string;
  siteUrl: string;
  storageFolder: string;
  realtimeUrl: string;
  functions: Record<string, { url: string; verifyJwt: boolean }>;
  accessTokenSeconds: number;
  databaseUrl: string;
  jwtSecret: string;
  publishableKey: string;
  secretKey: string;
};

/** Reads the gateway's settings; throws a ZodError naming what is wrong. */
export function readGatewayConfig(environment: NodeJS.ProcessEnv = process.env): GatewayConfig {
  const parsed = environmentSchema.parse(environment);
  return {
    port: parsed.GATEWAY_PORT,
    host: parsed.GATEWAY_HOST,
    publicUrl: parsed.GATEWAY_PUBLIC_URL,
    siteUrl: parsed.GATEWAY_SITE_URL,
    storageFolder: parsed.GATEWAY_STORAGE_FOLDER,
    realtimeUrl: parsed.GATEWAY_REALTIME_URL,
    functions: parsed.GATEWAY_FUNCTIONS,
    accessTokenSeconds: parsed.GATEWAY_ACCESS_TOKEN_SECONDS,
    databaseUrl: parsed.SUPABASE_DB_URL,
    jwtSecret: parsed.SUPABASE_JWT_SECRET,
    publishableKey: parsed.SUPABASE_PUBLISHABLE_KEY,
    secretKey: parsed.SUPABASE_SECRET_KEY,
  };
}
