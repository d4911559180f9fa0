import { CredentialProblem, parseProviderCredentials } from '@threadline/providers';
import type { ProviderAccount } from '@threadline/providers';

export interface FunctionConfig {
  /** Without a trailing slash. */
  readonly supabaseUrl: string;
  readonly secretKey: string;
  /** Public address of our functions, as carriers call them; signatures are computed over it. */
  readonly publicWebhookBase: string;
  readonly accounts: readonly ProviderAccount[];
}

/** A variable is missing or malformed. The message names it, never its value. */
export class ConfigProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigProblem';
  }
}

/**
 * Reads the environment of a function that takes carriers' webhooks.
 * @param read looks a variable up by name
 * @throws ConfigProblem
 */
export function readFunctionConfig(read: (name: string) => string | undefined): FunctionConfig {
  return {
    supabaseUrl: readUrl(read, 'SUPABASE_URL'),
    secretKey: readSecretKey(read),
    publicWebhookBase: readUrl(read, 'PUBLIC_WEBHOOK_BASE'),
    accounts: readAccounts(read),
  };
}

function required(read: (name: string) => string | undefined, name: string): string {
  const value = read(name) ?? '';
  if (value === '') throw new ConfigProblem(`${name} is not set`);
  return value;
}

function readUrl(read: (name: string) => string | undefined, name: string): string {
  const value = required(read, name);
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new ConfigProblem(`${name} must be an http(s) URL without query or fragment`);
  }
  return value.replace(/\/+$/, '');
}

/** Hosted functions are given their keys as one JSON object by name, and may not set SUPABASE_… variables themselves. */
function readSecretKey(read: (name: string) => string | undefined): string {
  const own = read('SUPABASE_SECRET_KEY') ?? '';
  if (own !== '') return own;
  const byName = parseJson(read('SUPABASE_SECRET_KEYS') ?? '{}');
  const key =
    typeof byName === 'object' && byName !== null && 'default' in byName ? byName.default : undefined;
  if (typeof key !== 'string' || key === '') {
    throw new ConfigProblem('SUPABASE_SECRET_KEY is not set, and SUPABASE_SECRET_KEYS has no "default"');
  }
  return key;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readAccounts(read: (name: string) => string | undefined): readonly ProviderAccount[] {
  try {
    return [...parseProviderCredentials(required(read, 'PROVIDER_CREDENTIALS')).values()];
  } catch (problem) {
    if (problem instanceof CredentialProblem)
      throw new ConfigProblem(`PROVIDER_CREDENTIALS: ${problem.message}`);
    throw problem;
  }
}
