import type { Sql } from 'postgres';
import { demoProviderCredentials } from '@threadline/local-stack/demo';
import { loadKeys } from '@threadline/local-stack/keys';
import type { Stack } from '@threadline/local-stack/stack-file';
import type { Tenant } from '../rig/world.ts';
import { addThreads } from '../rig/world.ts';

/**
 * The demo's first organization with customers of its own for the bench: its account is the one that the stack's
 * functions know, so that callbacks are verified and take their whole way.
 */
export async function adoptDemoTenant(sql: Sql, stack: Stack, threads: number): Promise<Tenant> {
  const organizationId = stack.organization.id;
  const [account] = await sql<{ id: string; account_ref: string; credentials_ref: string }[]>`
    select id, account_ref, credentials_ref from public.provider_accounts
    where organization_id = ${organizationId} and provider = 'twilio'`;
  const [agent] = await sql<{ user_id: string }[]>`
    select user_id from public.members where organization_id = ${organizationId} and role = 'agent' limit 1`;
  if (account === undefined || agent === undefined) throw new Error('the demo is not seeded');
  await sql`update public.phone_numbers set segments_per_second = 1000 where organization_id = ${organizationId}`;
  await sql`update public.provider_accounts set requests_per_second = 1000, requests_in_flight = 200 where id = ${account.id}`;
  const numbers = await sql<{ id: string; phoneNumber: string }[]>`
    select id, phone_number as "phoneNumber" from public.phone_numbers
    where provider_account_id = ${account.id} order by created_at, phone_number`;
  return {
    organizationId,
    agentId: agent.user_id,
    credentialsRef: account.credentials_ref,
    account: { accountSid: account.account_ref, authToken: '', numbers: [] },
    numbers: [...numbers],
    threads: await sql.begin((tx) => addThreads(tx, organizationId, numbers, { place: 3, threads })),
  };
}

/** PROVIDER_CREDENTIALS as the stack gives them to its own worker. */
export async function demoCredentials(stack: Stack): Promise<string> {
  return demoProviderCredentials(await loadKeys(stack.home), stack.carrierUrl);
}
