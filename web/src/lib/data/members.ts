import { z } from './schema.ts';
import type { Client } from './client.ts';
import { unwrap } from './errors.ts';
import { invitation, member, type Invitation, type Member, type Role } from './records.ts';

const issued = z
  .array(z.object({ invitation_id: z.guid(), token: z.string(), expires_at: z.string() }))
  .length(1);

export async function listMembers(client: Client, organizationId: string): Promise<Member[]> {
  const answer = await client
    .from('members')
    .select('user_id, role, display_name, email, status')
    .eq('organization_id', organizationId)
    .order('display_name');
  return unwrap(z.array(member), answer);
}

/** The caller's own membership, or null for an organization that is not theirs. */
export async function findMembership(
  client: Client,
  organizationId: string,
  userId: string,
): Promise<Member | null> {
  const answer = await client
    .from('members')
    .select('user_id, role, display_name, email, status')
    .eq('organization_id', organizationId)
    .eq('user_id', userId)
    .limit(1);
  return unwrap(z.array(member), answer)[0] ?? null;
}

/** Invitations nobody has accepted or revoked, newest first; empty for agents, who may not see them. */
export async function listOpenInvitations(client: Client, organizationId: string): Promise<Invitation[]> {
  const answer = await client
    .from('invitations')
    .select('id, email, role, created_at, expires_at')
    .eq('organization_id', organizationId)
    .is('accepted_at', null)
    .is('revoked_at', null)
    .order('created_at', { ascending: false });
  return unwrap(z.array(invitation), answer);
}

/** Invites an address; the token is shown this once and never again. */
export async function inviteMember(
  client: Client,
  organizationId: string,
  email: string,
  role: Role,
): Promise<string> {
  const answer = await client.rpc('invite_member', {
    p_organization_id: organizationId,
    p_email: email,
    p_role: role,
  });
  const [invited] = unwrap(issued, answer);
  return invited?.token ?? '';
}

export async function revokeInvitation(client: Client, invitationId: string): Promise<void> {
  const answer = await client.rpc('revoke_invitation', { p_invitation_id: invitationId });
  unwrap(z.unknown(), answer);
}

/** Changes a member; what is left out stays as it is. */
export async function updateMember(
  client: Client,
  organizationId: string,
  userId: string,
  change: { role?: Role; status?: Member['status']; displayName?: string },
): Promise<void> {
  const answer = await client.rpc('update_member', {
    p_organization_id: organizationId,
    p_user_id: userId,
    p_role: change.role ?? null,
    p_status: change.status ?? null,
    p_display_name: change.displayName ?? null,
  });
  unwrap(z.unknown(), answer);
}
