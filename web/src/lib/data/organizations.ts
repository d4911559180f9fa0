import { z } from './schema.ts';
import type { Client } from './client.ts';
import { unwrap } from './errors.ts';
import { organization, phoneNumber, type Organization, type PhoneNumber } from './records.ts';

/** The organizations in which the caller is an active member, by name. */
export async function listOrganizations(client: Client): Promise<Organization[]> {
  const answer = await client.from('organizations').select('id, name, slug, time_zone').order('name');
  return unwrap(z.array(organization), answer);
}

const suspension = organization.pick({ id: true, name: true, slug: true });

export type Suspension = Pick<Organization, 'id' | 'name' | 'slug'>;

/** The organizations that have suspended the caller. */
export async function listSuspensions(client: Client): Promise<Suspension[]> {
  return unwrap(z.array(suspension), await client.rpc('my_suspensions'));
}

/** Makes an organization with the caller as owner; returns its id. */
export async function createOrganization(client: Client, name: string, timeZone: string): Promise<string> {
  const answer = await client.rpc('create_organization', { p_name: name, p_time_zone: timeZone });
  return unwrap(z.guid(), answer);
}

/** Joins the organization that issued the token; returns its id. */
export async function acceptInvitation(
  client: Client,
  token: string,
  displayName: string | null,
): Promise<string> {
  const answer = await client.rpc('accept_invitation', { p_token: token, p_display_name: displayName });
  return unwrap(z.guid(), answer);
}

/** The numbers an organization holds now, the longest held first. */
export async function listPhoneNumbers(client: Client, organizationId: string): Promise<PhoneNumber[]> {
  const answer = await client
    .from('phone_numbers')
    .select('id, phone_number, label, status')
    .eq('organization_id', organizationId)
    .is('released_at', null)
    .order('created_at');
  return unwrap(z.array(phoneNumber), answer);
}
