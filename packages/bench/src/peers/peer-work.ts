import type { Sql } from 'postgres';

/**
 * What the application around a peer does for every message, on the same tables and triggers as ours and as well as
 * set-based SQL can do it: before the carrier is called, the attempt (and the message, for jobs of programs, which get
 * theirs when they go out); after it, attempt, job, message, message event and thread summary. The broadcast rows are
 * written by the tables' triggers. Nothing else of our engine is done: no order within a thread, no limits, no hours,
 * no opt-out, no lease.
 */
const functions = `
create schema if not exists bench;

create or replace function bench.begin_attempts(p_worker text, p_job_ids uuid[])
returns table (attempt_id uuid, sender text, recipient text, body text, credentials_ref text)
language plpgsql as $$
begin
  perform 1 from public.threads t
  where t.id in (select j.thread_id from public.message_jobs j where j.id = any (p_job_ids))
  order by t.id for no key update;
  with fresh as materialized (
    select j.id as job_id, private.uuid_v7() as message_id, j.organization_id, j.thread_id, j.body, n.provider_account_id,
      private.count_segments(j.body) as segments, t.contact_id,
      t.last_sequence + row_number() over (partition by j.thread_id order by j.id) as sequence
    from public.message_jobs j
    join public.threads t on t.id = j.thread_id
    join public.phone_numbers n on n.id = j.phone_number_id
    where j.id = any (p_job_ids) and j.message_id is null
  ), written as (
    insert into public.messages (id, organization_id, thread_id, sequence, direction, body, status, segments, provider_account_id)
    select f.message_id, f.organization_id, f.thread_id, f.sequence, 'outbound', f.body, 'queued', f.segments, f.provider_account_id
    from fresh f
  ), linked as (
    update public.message_jobs j set message_id = f.message_id, status = 'processing' from fresh f where j.id = f.job_id
  ), summed as (
    update public.threads t
    set last_sequence = f.sequence, last_message_id = f.message_id, last_message_at = clock_timestamp()
    from (select distinct on (thread_id) * from fresh order by thread_id, sequence desc) f where t.id = f.thread_id
  )
  update public.contacts c set last_contact_at = clock_timestamp() from fresh f where c.id = f.contact_id;
  update public.message_jobs j set status = 'processing' where j.id = any (p_job_ids) and j.status = 'queued';
  return query
  with attempts as (
    insert into public.send_attempts as a (
      organization_id, job_id, message_id, provider_account_id, sender, recipient, body_sha256, worker_id, lease_expires_at
    )
    select j.organization_id, j.id, j.message_id, n.provider_account_id, n.phone_number, j.recipient,
      sha256(convert_to(j.body, 'UTF8')), p_worker, clock_timestamp() + interval '30 seconds'
    from public.message_jobs j join public.phone_numbers n on n.id = j.phone_number_id
    where j.id = any (p_job_ids)
    returning a.id, a.job_id, a.sender, a.recipient, a.provider_account_id
  )
  select a.id, a.sender, a.recipient, j.body, p.credentials_ref
  from attempts a
  join public.message_jobs j on j.id = a.job_id
  join public.provider_accounts p on p.id = a.provider_account_id;
end $$;

create or replace function bench.finish_attempts(p_outcomes jsonb) returns void
language plpgsql as $$
declare
  v_job_ids uuid[];
begin
  select array_agg(a.job_id) into v_job_ids
  from jsonb_to_recordset(p_outcomes) as o (attempt_id uuid) join public.send_attempts a on a.id = o.attempt_id;
  perform 1 from public.threads t
  where t.id in (select j.thread_id from public.message_jobs j where j.id = any (v_job_ids))
  order by t.id for no key update;
  with outcomes as materialized (
    select * from jsonb_to_recordset(p_outcomes) as o (
      attempt_id uuid, state text, provider_message_id text, provider_status text, segments smallint, http_status smallint
    )
  ), closed as (
    update public.send_attempts a
    set state = o.state, finished_at = clock_timestamp(), provider_message_id = o.provider_message_id,
      provider_status = o.provider_status, http_status = o.http_status
    from outcomes o where a.id = o.attempt_id
    returning a.id, a.job_id, a.message_id, a.organization_id, o.provider_status, o.provider_message_id, o.segments
  ), observed as (
    insert into public.message_events (organization_id, message_id, attempt_id, event_key, provider_status)
    select c.organization_id, c.message_id, c.id, 'attempt:' || c.id || ':accepted', coalesce(c.provider_status, 'accepted')
    from closed c
  ), ended as (
    update public.message_jobs j set status = 'sent' from closed c where j.id = c.job_id
  )
  update public.messages m
  set status = 'sent', sent_at = now(), provider_message_id = c.provider_message_id,
    segments = coalesce(nullif(c.segments, 0), m.segments)
  from closed c where m.id = c.message_id;
  update public.threads t set updated_at = now()
  from public.message_jobs j
  where j.id = any (v_job_ids) and t.id = j.thread_id and t.last_message_id = j.message_id;
end $$;
`;

/** The index that holds our engine to one text of a thread at a time; a peer that keeps no order must be free of it. */
const orderIndex = 'message_jobs_on_the_wire_key';

export async function installPeerWork(sql: Sql): Promise<void> {
  await sql.unsafe(functions);
}

/** Takes the jobs off our queues, so that only a peer's own queue knows of them. @returns their ids in order */
export async function takeJobsFromOurQueues(sql: Sql, organizationId: string): Promise<string[]> {
  await sql`select pgmq.purge_queue('sms_priority_queue'), pgmq.purge_queue('sms_queue')`;
  const rows = await sql<{ id: string }[]>`
    select id from public.message_jobs where organization_id = ${organizationId} and status = 'queued' order by id`;
  return rows.map(({ id }) => id);
}

/** Runs `work` without the rule that peers do not keep. */
export async function withoutOrderRule<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  const [index] = await sql<{ definition: string }[]>`
    select pg_get_indexdef(indexrelid) as definition from pg_catalog.pg_index
    where indexrelid = to_regclass(${`public.${orderIndex}`})`;
  if (index === undefined) return work();
  await sql.unsafe(`drop index public.${orderIndex}`);
  try {
    return await work();
  } finally {
    await sql.unsafe("update public.message_jobs set status = 'unknown' where status = 'processing'");
    await sql.unsafe(index.definition);
  }
}
