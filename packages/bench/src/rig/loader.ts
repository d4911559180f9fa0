import type { Sql } from 'postgres';
import { z } from 'zod';
import type { Tenant } from './world.ts';

export type LoadOptions = {
  /** `send_message` as an agent does, one by one; `enqueue_batch` as a program does, thousands in a call. */
  by: 'send_message' | 'enqueue_batch';
  messages: number;
  /** Begins every body, so that each text of a run is told apart from every other. */
  label: string;
  /** Seconds from now; only programs can schedule. */
  scheduledIn?: number;
};

const batchSize = 10_000;
const result = z.array(z.object({ outcome: z.string(), code: z.string().nullish() }));

/** The nth body of a load: message n goes to thread n modulo threads, so that a thread's texts are far apart. */
export function bodyOf(label: string, index: number): string {
  return `${label} ${index}`;
}

/** Puts messages on the queues as senders do. @returns once everything is committed */
export async function load(sql: Sql, tenant: Tenant, options: LoadOptions): Promise<void> {
  const step = options.by === 'enqueue_batch' ? batchSize : 1_000;
  for (let from = 0; from < options.messages; from += step) {
    const indices = Array.from(
      { length: Math.min(step, options.messages - from) },
      (_, index) => from + index,
    );
    if (options.by === 'enqueue_batch') await enqueueBatch(sql, tenant, options, indices);
    else await sendMessages(sql, tenant, options, indices);
  }
}

/** One call of enqueue_batch. @throws Error unless every job is accepted */
export async function enqueueBatch(
  sql: Sql,
  tenant: Tenant,
  { label, scheduledIn }: Pick<LoadOptions, 'label' | 'scheduledIn'>,
  indices: readonly number[],
): Promise<void> {
  const when =
    scheduledIn === undefined
      ? {}
      : { scheduled_for: new Date(Date.now() + scheduledIn * 1000).toISOString() };
  const jobs = indices.map((index) => {
    const thread = tenant.threads[index % tenant.threads.length];
    return {
      to: thread?.recipient,
      from: thread?.sender,
      body: bodyOf(label, index),
      dedupe_window_seconds: 0,
      ...when,
    };
  });
  const [row] = await sql`
    select public.enqueue_batch(${tenant.organizationId}, ${JSON.stringify(jobs)}::text::jsonb) as results`;
  const refused = result.parse(row?.['results']).find(({ outcome }) => outcome !== 'accepted');
  if (refused) throw new Error(`a job was ${refused.outcome}: ${refused.code ?? 'no code'}`);
}

async function sendMessages(
  sql: Sql,
  tenant: Tenant,
  { label }: LoadOptions,
  indices: readonly number[],
): Promise<void> {
  const threads = indices.map((index) => tenant.threads[index % tenant.threads.length]?.id ?? '');
  const bodies = indices.map((index) => bodyOf(label, index));
  await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims', ${claimsOf(tenant)}, true), set_config('role', 'authenticated', true)`;
    await tx`
      select count(public.send_message(t.id, t.body, gen_random_uuid()))
      from unnest(${threads}::uuid[], ${bodies}::text[]) as t (id, body)`;
  });
}

/** What the API puts into the session of a signed-in agent. */
export function claimsOf(tenant: Pick<Tenant, 'agentId'>): string {
  return JSON.stringify({ sub: tenant.agentId, role: 'authenticated' });
}

/**
 * Takes everything that still waits off the queues, and keeps what was sent: a database with a past, as a real one has.
 * (Emptied tables would mislead the planner: it keeps, for each connection, the plan that suited a table without rows.)
 */
export async function clearQueues(sql: Sql): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`delete from public.send_attempts where state = 'submitting'`;
    await tx`delete from public.message_jobs where status in ('scheduled', 'queued', 'held', 'processing')`;
    await tx`delete from public.messages where direction = 'outbound' and status in ('scheduled', 'queued', 'held')`;
    await tx`truncate realtime.messages`;
    for (const queue of ['sms_priority_queue', 'sms_queue', 'sms_dead_letter'])
      await tx`select pgmq.purge_queue(${queue}::text)`;
    await tx`truncate private.pacers, private.daily_usage, private.account_load, private.accepted_contents`;
  });
}

/** The same housekeeping before everything that is measured: no vacuum, statistics or checkpoint is due meanwhile. */
export async function settleDatabase(sql: Sql): Promise<void> {
  for (const table of ['messages', 'message_jobs', 'send_attempts', 'message_events', 'threads', 'contacts'])
    await sql.unsafe(`vacuum (analyze) public.${table}`);
  await sql`checkpoint`;
}
