import { readFile } from 'node:fs/promises';
import type { Sql } from 'postgres';
import type { Stack } from '@threadline/local-stack/stack-file';
import { z } from 'zod';
import type { Tenant } from '../rig/world.ts';
import { addThreads } from '../rig/world.ts';

/**
 * The demo's first organization with customers of its own for the bench: its account is the one that the stack's
 * functions know, so that callbacks are verified and take their whole way.
 */
export async function adoptDemoTenant(sql: Sql, stack: Stack, threads: number): Promise<Tenant> {
  const organizationId = stack.organization.id;
  const [account] = await sql<{ id: string; account_ref: string; credentials_ref: string }[]>`
    select id, account_ref, credentials_ref from public.provider_accounts where organization_id = ${organizationId}`;
  const [agent] = await sql<{ user_id: string }[]>`
    select user_id from public.members where organization_id = ${organizationId} and role = 'agent' limit 1`;
  if (account === undefined || agent === undefined) throw new Error('the demo is not seeded');
  await sql`update public.phone_numbers set segments_per_second = 1000 where organization_id = ${organizationId}`;
  await raiseAccountLimits(sql, account.id);
  const numbers = await sql<{ id: string; phoneNumber: string }[]>`
    select id, phone_number as "phoneNumber" from public.phone_numbers where organization_id = ${organizationId}
    order by created_at, phone_number`;
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
export async function demoCredentials(sql: Sql, stack: Stack): Promise<string> {
  const keys = z.object({ carrierAuthToken: z.string() });
  const { carrierAuthToken } = keys.parse(JSON.parse(await readFile(`${stack.home}/keys.json`, 'utf8')));
  const accounts = await sql<{ provider: string; account_ref: string; credentials_ref: string }[]>`
    select distinct provider, account_ref, credentials_ref from public.provider_accounts`;
  const entries = accounts
    .filter(({ provider }) => provider === 'twilio')
    .map(({ provider, account_ref, credentials_ref }) => [
      credentials_ref,
      { provider, accountSid: account_ref, authToken: carrierAuthToken, apiBaseUrl: stack.carrierUrl },
    ]);
  return JSON.stringify(Object.fromEntries(entries));
}

async function raiseAccountLimits(sql: Sql, accountId: string): Promise<void> {
  const [column] = await sql`
    select from information_schema.columns
    where table_schema = 'public' and table_name = 'provider_accounts' and column_name = 'requests_per_second'`;
  if (column !== undefined)
    await sql`update public.provider_accounts set requests_per_second = 1000, requests_in_flight = 200 where id = ${accountId}`;
}
