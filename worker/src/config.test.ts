import { describe, expect, it } from 'vitest';
import { ConfigProblem, parseConfig } from './config.ts';

const secret = 'test_auth_token_0123456789abcdef';
const credentials = { main: { provider: 'twilio', accountSid: `AC${'0'.repeat(32)}`, authToken: secret } };
const complete: Record<string, string> = {
  WORKER_DATABASE_URL: 'postgres://threadline_worker:pw@127.0.0.1:4303/postgres',
  SUPABASE_URL: 'http://127.0.0.1:4302/',
  SUPABASE_SECRET_KEY: 'sb_secret_x',
  PUBLIC_WEBHOOK_BASE: 'https://abc.supabase.co/functions/v1/',
  PROVIDER_CREDENTIALS: JSON.stringify(credentials),
};

function problem(changes: Record<string, string | undefined>): string {
  try {
    parseConfig({ ...complete, ...changes });
  } catch (error) {
    if (error instanceof ConfigProblem) return error.message;
    throw error;
  }
  return '';
}

describe('parseConfig', () => {
  it('needs five variables and has a default for every other', () => {
    expect(parseConfig(complete)).toMatchObject({
      supabaseUrl: 'http://127.0.0.1:4302',
      publicWebhookBase: 'https://abc.supabase.co/functions/v1',
      httpHost: '127.0.0.1',
      httpPort: 4305,
      concurrency: 200,
      batchSize: 200,
      pollIntervalMs: 5000,
      databaseTimeoutMs: 30_000,
      drainMs: 15_000,
      logLevel: 'info',
    });
    expect([...parseConfig(complete).accounts.keys()]).toEqual(['main']);
  });

  it('takes an empty variable for an absent one', () => {
    expect(parseConfig({ ...complete, WORKER_CONCURRENCY: '' }).concurrency).toBe(200);
    expect(problem({ SUPABASE_SECRET_KEY: '' })).toContain('SUPABASE_SECRET_KEY is not set');
  });

  it.each(Object.keys(complete))('explains %s when it is missing', (name) => {
    expect(problem({ [name]: undefined })).toMatch(new RegExp(`${name} is not set. It is: .{10,}`));
  });

  it.each([
    ['WORKER_DATABASE_URL', 'http://127.0.0.1'],
    ['SUPABASE_URL', 'somewhere'],
    ['PUBLIC_WEBHOOK_BASE', 'ftp://x.example'],
    ['WORKER_HTTP_PORT', '65536'],
    ['WORKER_CONCURRENCY', '0'],
    ['WORKER_BATCH_SIZE', 'many'],
    ['WORKER_POLL_INTERVAL_MS', '1.5'],
    ['LOG_LEVEL', 'loud'],
  ])('explains %s when it is wrong (%s)', (name, value) => {
    expect(problem({ [name]: value })).toMatch(new RegExp(`${name} is wrong.* It must be: .{5,}`));
  });

  it('names the place in the credentials that is wrong, and shows no secret', () => {
    const text = problem({
      PROVIDER_CREDENTIALS: JSON.stringify({ main: { ...credentials.main, accountSid: '' } }),
    });
    expect(text).toContain('"main".accountSid is missing');
    expect(problem({ PROVIDER_CREDENTIALS: `{${secret}` })).not.toContain(secret);
  });

  it('explains everything that is wrong at once', () => {
    const text = problem({ SUPABASE_URL: undefined, WORKER_CONCURRENCY: 'x' });
    expect(text).toContain('SUPABASE_URL');
    expect(text).toContain('WORKER_CONCURRENCY');
  });
});
