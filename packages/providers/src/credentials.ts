import { CredentialProblem } from './provider.ts';
import type { Clock, Provider, ProviderAccount } from './provider.ts';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads PROVIDER_CREDENTIALS: a JSON object whose keys are `provider_accounts.credentials_ref` and whose values
 * name a provider and carry its settings.
 * @throws CredentialProblem naming the entry and the setting, never a value.
 */
export function parseProviderCredentials(
  text: string,
  providers: Readonly<Record<string, Provider>>,
  now?: Clock,
): ReadonlyMap<string, ProviderAccount> {
  const entries = parseObject(text);
  return new Map(
    Object.entries(entries).map(([ref, settings]) => {
      if (!isRecord(settings)) throw new CredentialProblem(`"${ref}" must be an object of settings`);
      return [ref, openAccount(ref, settings, providers, now)];
    }),
  );
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and the text is full of secrets.
    throw new CredentialProblem('is not valid JSON');
  }
  if (!isRecord(value)) throw new CredentialProblem('must be a JSON object keyed by credentials_ref');
  return value;
}

function openAccount(
  ref: string,
  settings: Record<string, unknown>,
  providers: Readonly<Record<string, Provider>>,
  now: Clock | undefined,
): ProviderAccount {
  const name = settings['provider'];
  const provider = typeof name === 'string' && Object.hasOwn(providers, name) ? providers[name] : undefined;
  if (provider === undefined) {
    throw new CredentialProblem(`"${ref}".provider must be one of: ${Object.keys(providers).join(', ')}`);
  }
  try {
    return provider.openAccount(settings, now);
  } catch (problem) {
    if (problem instanceof CredentialProblem) throw new CredentialProblem(`"${ref}".${problem.message}`);
    throw problem;
  }
}
