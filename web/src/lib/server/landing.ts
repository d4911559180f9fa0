import { organizationPath } from '#lib/paths.ts';
import type { Client } from '#lib/data/client.ts';
import { listOrganizations } from '#lib/data/organizations.ts';

/** Where somebody who just signed in goes: their invitation, their first organization, or founding one. */
export async function findLanding(client: Client, invitation: string | null): Promise<string> {
  if (invitation !== null) return `/join?invitation=${encodeURIComponent(invitation)}`;
  const [first] = await listOrganizations(client);
  return first === undefined ? '/welcome' : `${organizationPath(first)}/inbox`;
}

/** A path of ours to continue at, or null: an address from outside would make us a springboard for phishing. */
export function safeNext(next: string | null): string | null {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : null;
}
