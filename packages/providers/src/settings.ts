import { CredentialProblem } from './provider.ts';

/** Settings of one account as configured: unchecked, and full of secrets, so no message ever quotes a value. */
export type Settings = Readonly<Record<string, unknown>>;

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** @throws CredentialProblem when the setting is missing, empty or not text */
export function requiredText(settings: Settings, name: string): string {
  const value = optionalText(settings, name);
  if (value === null) throw new CredentialProblem(`${name} is missing`);
  return value;
}

/** @throws CredentialProblem when the setting is there and not text */
export function optionalText(settings: Settings, name: string): string | null {
  const value = settings[name];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') throw new CredentialProblem(`${name} must be text`);
  return value;
}

/** Where the carrier's API is, without a trailing slash. @throws CredentialProblem */
export function readApiBaseUrl(settings: Settings, usual: string): string {
  const value = optionalText(settings, 'apiBaseUrl') ?? usual;
  const url = URL.canParse(value) ? new URL(value) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.has(url.hostname));
  if (!isSafe) throw new CredentialProblem('apiBaseUrl must be an https URL (http only on this machine)');
  return value.replace(/\/+$/, '');
}

/** The header that signs in at the carrier, for its own host and no other. */
export function ownHostHeaders(
  url: string,
  account: { readonly apiBaseUrl: string; readonly authorization: string },
): Readonly<Record<string, string>> {
  const isCarriersOwn = URL.canParse(url) && new URL(url).origin === new URL(account.apiBaseUrl).origin;
  return isCarriersOwn ? { authorization: account.authorization } : {};
}
