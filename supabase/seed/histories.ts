import { randomUUID } from 'node:crypto';
import type { TransactionSql } from 'postgres';
import type { DemoOrganization } from './demo-organizations.ts';
import { failedScript, optOutScript, unansweredScript, type Line, type Script } from './demo-scripts.ts';

type Tenant = {
  readonly organization: DemoOrganization;
  readonly organizationId: string;
  readonly userIds: readonly string[];
  readonly numbers: readonly { id: string; accountId: string }[];
};

/** Minutes between the newest message of one thread and that of the next one down the list, growing with age. */
const ages = [4, 11, 26, 48, 95, 170, 260, 400, 700, 1300, 1500, 1900, 2700, 3100, 4200, 4400, 5800, 6100];

/** Which of our numbers each customer in turn writes to; the first where there is no such number. */
const numberOf = [0, 0, 0, 1, 0, 2, 0];

/** Writes the past: contacts, their threads, and messages whose newest lie minutes to weeks ago. */
export async function insertHistories(sql: TransactionSql, tenant: Tenant): Promise<void> {
  const { customers } = tenant.organization;
  for (const [index, customer] of customers.entries()) {
    const number = tenant.numbers[numberOf[index % numberOf.length] ?? 0] ?? tenant.numbers[0];
    if (number === undefined) throw new Error('The demo organization has no number');
    const [contact] = await sql<{ id: string }[]>`
      insert into public.contacts (organization_id, phone_number, name)
      values (${tenant.organizationId}, ${customer.phoneNumber}, ${customer.name}) returning id`;
    const [thread] = await sql<{ id: string }[]>`
      insert into public.threads (organization_id, contact_id, phone_number_id)
      values (${tenant.organizationId}, ${contact?.id ?? ''}, ${number.id}) returning id`;
    if (contact === undefined || thread === undefined) throw new Error('A demo thread was not stored');
    const firstName = customer.name?.split(' ')[0] ?? 'there';
    const lines = linesFor(tenant.organization.scripts, index).map((line) => ({
      ...line,
      text: line.text.replaceAll('{first}', firstName),
    }));
    const newestAge = ages[index] ?? 6100 + (index - ages.length) * 1440;
    await insertThread(sql, tenant, {
      threadId: thread.id,
      contactId: contact.id,
      number,
      lines,
      newestAge,
      index,
    });
  }
}

/** Two visits of the script book for each customer, so that a thread has a past; a few threads tell their own story. */
function linesFor(scripts: readonly Script[], index: number): readonly Line[] {
  const earlier = scripts[(index * 3 + 1) % scripts.length] ?? [];
  const latest =
    index === 1
      ? unansweredScript
      : index === 6
        ? failedScript
        : index === 9
          ? optOutScript
          : scripts[index % scripts.length];
  const days = 40 + ((index * 17) % 60);
  return [
    ...earlier,
    ...(latest ?? []).map((line, at) => (at === 0 ? { ...line, after: days * 1440 } : line)),
  ];
}

type DemoThread = {
  readonly threadId: string;
  readonly contactId: string;
  readonly number: { id: string; accountId: string };
  readonly lines: readonly Line[];
  readonly newestAge: number;
  readonly index: number;
};

async function insertThread(sql: TransactionSql, tenant: Tenant, thread: DemoThread): Promise<void> {
  const agents = tenant.userIds.slice(-2);
  let at = Date.now() - (thread.newestAge + thread.lines.reduce((sum, line) => sum + line.after, 0)) * 60_000;
  const messages = thread.lines.map((line, index) => {
    at += line.after * 60_000;
    return messageRow(tenant, thread, line, {
      sequence: index + 1,
      at: new Date(at),
      author: agents[thread.index % 2],
    });
  });
  await sql`insert into public.messages ${sql(messages)}`;
  const last = messages.at(-1);
  if (last === undefined) return;
  const lastInbound = messages.findLast((message) => message.direction === 'inbound')?.sequence ?? 0;
  await sql`
    update public.threads set last_sequence = ${last.sequence}, last_inbound_sequence = ${lastInbound},
      last_message_id = ${last.id}, last_message_at = ${last.created_at},
      status = ${thread.index > 18 ? 'closed' : 'open'}
    where id = ${thread.threadId}`;
  await sql`update public.contacts set last_contact_at = ${last.created_at} where id = ${thread.contactId}`;
  await markRead(sql, tenant, thread, last);
  const stop = thread.lines.findIndex((line) => line.intent === 'stop');
  if (stop >= 0) {
    await sql`
      insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source, reason, evidence_id)
      select organization_id, phone_number, true, 'keyword', 'Texted a stop keyword', ${messages[stop]?.id ?? null}
      from public.contacts where id = ${thread.contactId}`;
  }
}

function messageRow(
  tenant: Tenant,
  thread: DemoThread,
  line: Line,
  place: { readonly sequence: number; readonly at: Date; readonly author: string | undefined },
) {
  const outbound = line.from === 'us';
  const status = outbound ? (line.end?.status ?? 'delivered') : 'received';
  return {
    id: randomUUID(),
    organization_id: tenant.organizationId,
    thread_id: thread.threadId,
    sequence: place.sequence,
    direction: outbound ? 'outbound' : 'inbound',
    body: line.text,
    status,
    segments: line.text.length > 160 ? 2 : 1,
    author_id: outbound ? (place.author ?? null) : null,
    provider_account_id: thread.number.accountId,
    provider_message_id: `SM${randomUUID().replaceAll('-', '')}`,
    error_code: line.end?.code ?? null,
    error_text: line.end?.text ?? null,
    sent_at: outbound ? place.at : null,
    delivered_at: status === 'delivered' ? place.at : null,
    created_at: place.at,
  };
}

/** Everybody has read everything, except the newest words of a few customers. */
async function markRead(
  sql: TransactionSql,
  tenant: Tenant,
  thread: DemoThread,
  last: { readonly sequence: number; readonly direction: string },
): Promise<void> {
  const unread = last.direction === 'inbound' && thread.index < 12;
  const sequence = unread ? last.sequence - (thread.index === 1 ? 2 : 1) : last.sequence;
  const rows = tenant.userIds.map((userId) => ({
    thread_id: thread.threadId,
    user_id: userId,
    organization_id: tenant.organizationId,
    last_read_sequence: sequence,
  }));
  await sql`insert into public.thread_reads ${sql(rows)}`;
}
