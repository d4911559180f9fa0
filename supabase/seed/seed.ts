import type { Sql, TransactionSql } from 'postgres';
import { demoOrganizations, demoPassword, type DemoOrganization } from './demo-organizations.ts';
import { insertHistories } from './histories.ts';

export type SeedTarget = {
  /** A connection that may write every table. */
  readonly sql: Sql;
  /** Base URL of the Supabase gateway. */
  readonly apiUrl: string;
  readonly secretKey: string;
};

/** Fills an empty database with the demo: two organizations, six sign-ins, numbers, customers and their histories. */
export async function seed(target: SeedTarget): Promise<void> {
  for (const organization of demoOrganizations) {
    const userIds = await Promise.all(organization.members.map((member) => createUser(target, member.email)));
    await target.sql.begin(async (sql) => {
      const organizationId = await insertOrganization(sql, organization, userIds);
      const numbers = await insertNumbers(sql, organization, organizationId);
      await insertHistories(sql, { organization, organizationId, userIds, numbers });
      // The demo begins quietly: nobody was listening while its past was written.
      await sql`delete from realtime.messages`;
    });
  }
}

async function createUser(target: SeedTarget, email: string): Promise<string> {
  const response = await fetch(`${target.apiUrl}/auth/v1/admin/users`, {
    method: 'POST',
    headers: {
      apikey: target.secretKey,
      authorization: `Bearer ${target.secretKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ email, password: demoPassword, email_confirm: true }),
  });
  if (!response.ok) throw new Error(`The demo account ${email} could not be made: HTTP ${response.status}`);
  const user: unknown = await response.json();
  if (typeof user === 'object' && user !== null && 'id' in user && typeof user.id === 'string')
    return user.id;
  throw new Error(`The demo account ${email} came back without an id`);
}

async function insertOrganization(
  sql: TransactionSql,
  organization: DemoOrganization,
  userIds: readonly string[],
): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into public.organizations (name, slug, time_zone)
    values (${organization.name}, ${organization.slug}, ${organization.timeZone}) returning id`;
  if (row === undefined) throw new Error('The demo organization was not stored');
  const members = organization.members.map((member, index) => ({
    organization_id: row.id,
    user_id: userIds[index] ?? '',
    role: member.role,
    display_name: member.displayName,
    email: member.email,
  }));
  await sql`insert into public.members ${sql(members)}`;
  return row.id;
}

/** The numbers of all carrier accounts, those of the first account first. */
async function insertNumbers(
  sql: TransactionSql,
  organization: DemoOrganization,
  organizationId: string,
): Promise<{ id: string; accountId: string }[]> {
  const numbers: { id: string; accountId: string }[] = [];
  for (const [index, account] of organization.carrierAccounts.entries()) {
    const { provider, accountRef, credentialsRef, label } = account;
    const [stored] = await sql<{ id: string }[]>`
      insert into public.provider_accounts (
        organization_id, provider, account_ref, credentials_ref, label, requests_per_second, requests_in_flight
      )
      -- The simulated carrier bears more than a real account.
      values (${organizationId}, ${provider}, ${accountRef}, ${credentialsRef}, ${label}, 1000, 100) returning id`;
    if (stored === undefined) throw new Error('The demo carrier account was not stored');
    // A program that names no number sends from the eldest.
    const createdAt = new Date(Date.now() - (organization.carrierAccounts.length - index) * 1000);
    const rows = account.numbers.map((number) => ({
      organization_id: organizationId,
      provider_account_id: stored.id,
      phone_number: number.phoneNumber,
      label: number.label,
      sender_kind: number.senderKind,
      segments_per_second: number.segmentsPerSecond,
      created_at: createdAt,
    }));
    const ids = await sql<{ id: string }[]>`insert into public.phone_numbers ${sql(rows)} returning id`;
    numbers.push(...ids.map(({ id }) => ({ id, accountId: stored.id })));
  }
  return numbers;
}
