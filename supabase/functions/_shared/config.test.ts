import { describe, expect, it } from 'vitest';
import { credentials } from '../provider-webhook/fixtures/signed-requests.ts';
import { ConfigProblem, readFunctionConfig } from './config.ts';

const complete: Record<string, string | undefined> = {
  SUPABASE_URL: 'http://127.0.0.1:4302/',
  SUPABASE_SECRET_KEY: 'sb_secret_x',
  PUBLIC_WEBHOOK_BASE: 'https://abcdefgh.supabase.co/functions/v1/',
  PROVIDER_CREDENTIALS: credentials,
};

function read(changes: Record<string, string | undefined> = {}) {
  const environment = { ...complete, ...changes };
  return readFunctionConfig((name) => environment[name]);
}

describe('readFunctionConfig', () => {
  it('reads a complete environment, without slashes at the end of addresses', () => {
    expect(read()).toMatchObject({
      supabaseUrl: 'http://127.0.0.1:4302',
      secretKey: 'sb_secret_x',
      publicWebhookBase: 'https://abcdefgh.supabase.co/functions/v1',
    });
    expect(read().accounts).toHaveLength(2);
  });

  it('takes the default of the keys that hosted functions are given', () => {
    const SUPABASE_SECRET_KEYS = '{"default":"sb_secret_hosted","other":"sb_secret_other"}';
    expect(read({ SUPABASE_SECRET_KEY: undefined, SUPABASE_SECRET_KEYS }).secretKey).toBe('sb_secret_hosted');
  });

  it.each([
    ['SUPABASE_URL', undefined],
    ['SUPABASE_URL', 'not a url'],
    ['SUPABASE_SECRET_KEY', undefined],
    ['PUBLIC_WEBHOOK_BASE', 'ftp://x.example'],
    ['PUBLIC_WEBHOOK_BASE', 'https://x.example/?a=1'],
    ['PROVIDER_CREDENTIALS', undefined],
    ['PROVIDER_CREDENTIALS', '{'],
  ])('names %s when it is %s', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(ConfigProblem);
    expect(() => read({ [name]: value })).toThrow(name);
  });
});
