import { expect, it } from 'vitest';
import { readRealtimeConfig } from './config.ts';
import { hostedLimits } from './limits.ts';

const required = {
  REALTIME_PORT: '4400',
  SUPABASE_DB_URL: 'postgresql://postgres@127.0.0.1/postgres',
  SUPABASE_JWT_SECRET: 'secret',
  SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_x',
  SUPABASE_SECRET_KEY: 'sb_secret_x',
};

it('enforces the limits of the hosted Pro plan unless told otherwise', () => {
  expect(readRealtimeConfig(required)).toMatchObject({ host: '127.0.0.1', port: 4400, limits: hostedLimits });
});

it('relaxes rates on request, yet keeps a limit that was named', () => {
  const config = readRealtimeConfig({
    ...required,
    REALTIME_RELAX_LIMITS: 'true',
    REALTIME_MAX_CONNECTIONS: '3',
  });
  expect(config.limits).toMatchObject({ messagesPerSecond: Infinity, connections: 3, frameBytes: 5_000_000 });
});

it('refuses to start without its secrets', () => {
  expect(() => readRealtimeConfig({ ...required, SUPABASE_JWT_SECRET: undefined })).toThrow(
    /SUPABASE_JWT_SECRET/,
  );
});
