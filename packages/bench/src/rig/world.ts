import { createHash, randomUUID } from 'node:crypto';
import type { Sql, TransactionSql } from 'postgres';
import type { CarrierAccount } from './carrier.ts';
import { daytimeZone } from './daytime.ts';

/** An organization made for a bench: one carrier account, many numbers, many customers with one thread each. */
export type Tenant = {
  organizationId: string;
  /** Somebody who may send. */
  agentId: string;
  credentialsRef: string;
  account: CarrierAccount;
  numbers: readonly { id: string; phoneNumber: string }[];
  /** The nth customer's thread, written to from the nth number (counted round). */
  threads: readonly BenchThread[];
};

export type BenchThread = { id: string; recipient: string; sender: string };

export type TenantOptions = {
  name: string;
  /** Numbers tenants apart: each gets a thousand own numbers and two million customers of its own. */
  place: number;
  numbers: number;
  threads: number;
  /** What each number may pass on a second. High, unless limits are what is measured: they are kept all the same. */
  segmentsPerSecond?: number;
  requestsPerSecond?: number;
};

const provider = 'twilio';

/** Adds a tenant to the stack's database. Its people are the demo's. */
export async function addTenant(sql: Sql, options: TenantOptions): Promise<Tenant> {
  const credentialsRef = `bench-${options.place}`;
  const account = {
    accountSid: `AC${createHash('md5').update(options.name).digest('hex')}`,
    authToken: createHash('md5').update(`${options.name} token`).digest('hex'),
    numbers: Array.from({ length: options.numbers }, (_, index) => ({
      phoneNumber: ownNumber(options.place, index),
      label: `Bench ${index + 1}`,
    })),
  };
  return sql.begin(async (tx) => {
    const { organizationId, agentId } = await addOrganization(tx, options);
    const accountId = await addAccount(tx, organizationId, account.accountSid, credentialsRef, options);
    const numbers = await tx<{ id: string; phoneNumber: string }[]>`
      insert into public.phone_numbers (organization_id, provider_account_id, phone_number, label, segments_per_second)
      select ${organizationId}, ${accountId}, n.phone_number, n.label, ${options.segmentsPerSecond ?? 1000}
      from jsonb_to_recordset(${tx.json(account.numbers.map((n) => ({ phone_number: n.phoneNumber, label: n.label })))})
        as n (phone_number text, label text)
      returning id, phone_number as "phoneNumber"`;
    const threads = await addThreads(tx, organizationId, numbers, options);
    return { organizationId, agentId, credentialsRef, account, numbers: [...numbers], threads };
  });
}

/** PROVIDER_CREDENTIALS for a worker that sends for these tenants. */
export function providerCredentials(tenants: readonly Tenant[], carrierUrl: string): string {
  const entries = tenants.map(({ credentialsRef, account: { accountSid, authToken } }) => [
    credentialsRef,
    { provider, accountSid, authToken, apiBaseUrl: carrierUrl },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

async function addOrganization(tx: TransactionSql, { name }: TenantOptions) {
  const organizationId = randomUUID();
  await tx`
    insert into public.organizations (id, name, slug, time_zone)
    values (${organizationId}, ${name}, ${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}, 'America/New_York')`;
  const [member] = await tx<{ user_id: string }[]>`
    insert into public.members (organization_id, user_id, role, display_name, email)
    select ${organizationId}, m.user_id, 'owner', 'Bench', m.email from public.members m order by m.created_at limit 1
    returning user_id`;
  return { organizationId, agentId: member?.user_id ?? '' };
}

/** Limits are in force, but as high as a whole account at a carrier. */
async function addAccount(
  tx: TransactionSql,
  organizationId: string,
  accountSid: string,
  credentialsRef: string,
  { requestsPerSecond = 10_000 }: TenantOptions,
): Promise<string> {
  const [row] = await tx<{ id: string }[]>`
    insert into public.provider_accounts (
      organization_id, provider, account_ref, credentials_ref, requests_per_second, requests_in_flight
    )
    values (${organizationId}, ${provider}, ${accountSid}, ${credentialsRef}, ${requestsPerSecond}, 1000) returning id`;
  return row?.id ?? '';
}

/** Customers with a thread each, where it is daytime now. */
export async function addThreads(
  tx: TransactionSql,
  organizationId: string,
  numbers: readonly { id: string; phoneNumber: string }[],
  { place, threads }: Pick<TenantOptions, 'place' | 'threads'>,
): Promise<BenchThread[]> {
  const ids = numbers.map(({ id }) => id);
  const zone = daytimeZone(new Date());
  await tx`set local session_replication_role = replica`;
  const rows = await tx<{ id: string; recipient: string; place: number }[]>`
    with customers as (
      insert into public.contacts (organization_id, phone_number, name, time_zone)
      select ${organizationId}, '+1305' || (${2_000_000 * (place + 1)}::integer + g), 'Customer ' || g, ${zone}
      from generate_series(0, ${threads - 1}::integer) g
      returning id, phone_number, substring(phone_number from 6)::integer - ${2_000_000 * (place + 1)}::integer as place
    ), opened as (
      insert into public.threads (organization_id, contact_id, phone_number_id)
      select ${organizationId}, c.id, (${ids}::uuid[])[1 + c.place % ${ids.length}::integer] from customers c
      returning id, contact_id
    )
    select o.id, c.phone_number as recipient, c.place from opened o join customers c on c.id = o.contact_id`;
  await tx`set local session_replication_role = origin`;
  return [...rows]
    .sort((a, b) => a.place - b.place)
    .map(({ id, recipient, place: index }) => ({
      id,
      recipient,
      sender: numbers[index % numbers.length]?.phoneNumber ?? '',
    }));
}

function ownNumber(place: number, index: number): string {
  return `+1206555${String(place * 1000 + index).padStart(4, '0')}`;
}
