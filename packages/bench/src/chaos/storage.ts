import type { Sql } from 'postgres';
import type { Stored } from './accounting.ts';

/** Everything the database knows of the texts of a run, found by how their bodies begin. */
export async function readStored(sql: Sql, label: string): Promise<Stored[]> {
  const rows = await sql<Stored[]>`
    select j.body, j.status as "jobStatus", m.status as "messageStatus", m.provider_message_id as "providerMessageId",
      coalesce((
        select jsonb_agg(jsonb_build_object('id', a.id, 'state', a.state) order by a.started_at)
        from public.send_attempts a where a.job_id = j.id
      ), '[]') as attempts
    from public.message_jobs j left join public.messages m on m.id = j.message_id
    where j.body like ${`${label} %`}`;
  return [...rows];
}

export type Progressing = { open: number; unknown: number; ended: number; latest: string };

/** How far a run is, cheap enough to ask every second. `latest` changes whenever a job does. */
export async function readProgress(sql: Sql, label: string): Promise<Progressing> {
  const [row] = await sql<Progressing[]>`
    select count(*) filter (where status in ('scheduled', 'queued', 'held', 'processing'))::integer as open,
      count(*) filter (where status = 'unknown')::integer as unknown,
      count(*) filter (where status not in ('scheduled', 'queued', 'held', 'processing', 'unknown'))::integer as ended,
      coalesce(max(updated_at), 'epoch')::text as latest
    from public.message_jobs where body like ${`${label} %`}`;
  if (row === undefined) throw new Error('the database answered nothing');
  return row;
}

/** One text as the database saw it, row by row, for whoever has to find out what went wrong. */
export async function readTimeline(sql: Sql, body: string): Promise<unknown> {
  const [row] = await sql`
    select to_jsonb(j) as job, to_jsonb(m) as message,
      (select jsonb_agg(to_jsonb(a) order by a.started_at) from public.send_attempts a where a.job_id = j.id) as attempts,
      (select jsonb_agg(to_jsonb(e) order by e.created_at) from public.message_events e where e.message_id = m.id) as events,
      (select jsonb_agg(to_jsonb(w) order by w.created_at) from public.webhook_events w
        where w.event ->> 'attempt_id' in (select a.id::text from public.send_attempts a where a.job_id = j.id)) as webhooks
    from public.message_jobs j left join public.messages m on m.id = j.message_id
    where j.body = ${body}`;
  return row ?? null;
}

/** As if a quarter of an hour had passed: the carrier is asked about whatever is "sent" and not reported on. */
export async function askForReports(sql: Sql, label: string): Promise<void> {
  await sql`
    insert into private.missing_reports (attempt_id, provider_account_id, look_up_after)
    select a.id, a.provider_account_id, now() from public.message_jobs j
    join public.send_attempts a on a.job_id = j.id and a.state = 'accepted'
    where j.body like ${`${label} %`} and j.status = 'sent'
    on conflict (attempt_id) do nothing`;
}

/**
 * Lets time pass for what only time settles: leases of workers that are known to be dead, and the next look-up of what
 * nobody knows. Nothing is decided here that would not have been decided later.
 */
export async function skipWaiting(sql: Sql, deadProcesses: readonly number[]): Promise<void> {
  const dead = deadProcesses.map((pid) => `-${pid}-`);
  await sql`
    update public.send_attempts a set lease_expires_at = now() - interval '1 millisecond'
    where a.state = 'submitting' and a.lease_expires_at > now()
      and exists (select 1 from unnest(${dead}::text[]) d where position(d in a.worker_id) > 0)`;
  await sql`update public.send_attempts set look_up_after = now() where state = 'unknown' and look_up_after > now()`;
  await sql`select worker.sweep()`;
}
