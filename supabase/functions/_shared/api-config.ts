/** Looks a variable of the environment up by name. */
export type ReadVariable = (name: string) => string | undefined;

export interface ApiConfig {
  /** Without a trailing slash. */
  readonly supabaseUrl: string;
  readonly secretKey: string;
}

/** A variable is missing or malformed. The message names it, never its value. */
export class ConfigProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigProblem';
  }
}

/** What every function that calls the database needs. @throws ConfigProblem */
export function readApiConfig(read: ReadVariable): ApiConfig {
  return { supabaseUrl: readUrl(read, 'SUPABASE_URL'), secretKey: readSecretKey(read) };
}

export function required(read: ReadVariable, name: string): string {
  const value = read(name) ?? '';
  if (value === '') throw new ConfigProblem(`${name} is not set`);
  return value;
}

export function readUrl(read: ReadVariable, name: string): string {
  const value = required(read, name);
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new ConfigProblem(`${name} must be an http(s) URL without query or fragment`);
  }
  return value.replace(/\/+$/, '');
}

/** Hosted functions are given their keys as one JSON object by name, and may not set SUPABASE_… variables themselves. */
function readSecretKey(read: ReadVariable): string {
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
