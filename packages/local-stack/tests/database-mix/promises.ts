import type { Sql } from 'postgres';
import { fate } from './step.ts';

/** Each names what must never be, and finds it. */
type Promises = Record<string, string>;

/** At any moment when nobody is writing. */
export const always: Promises = {
  'an event of a carrier failed': `select event_key, reason from public.webhook_events where status = 'failed'`,
  'not just the first of a thread is its head': `
    select j.thread_id, j.position, j.status, j.is_head from public.message_jobs j
    where j.is_head is distinct from (j.status in ('queued', 'processing') and not exists (
      select from public.message_jobs e
      where e.thread_id = j.thread_id and e.position < j.position and e.status in ('queued', 'processing')))`,
  'a job and the queues disagree': `
    select j.id, j.status, j.queue_name, j.queue_message_id, q.name, q.msg_id from (
      select * from public.message_jobs where queue_message_id is not null) j
    full join (
      select 'sms_priority_queue' as name, msg_id, message from pgmq.q_sms_priority_queue
      union all select 'sms_queue', msg_id, message from pgmq.q_sms_queue
    ) q on q.name = j.queue_name and q.msg_id = j.queue_message_id and q.message ->> 'job_id' = j.id::text
    where j.id is null or q.msg_id is null or j.status not in ('queued', 'processing') or not j.is_head`,
  'a dead letter without its job, or the other way round': `
    select j.id, q.msg_id from (select * from public.message_jobs where status = 'dead' and error_details ? 'dead_letter_id') j
    full join pgmq.q_sms_dead_letter q on q.msg_id = (j.error_details ->> 'dead_letter_id')::bigint
    where j.id is null or q.msg_id is null`,
  'one waits though there is room': `
    select r.* from private.admission_rooms(array(select id from public.phone_numbers)) r
    where least(r.number_room, r.account_room) > 0`,
  'a job and its attempts disagree': `
    select j.id, j.status, l.state, l.count from public.message_jobs j
    cross join lateral (
      select min(a.state) as state, count(*) from public.send_attempts a
      where a.job_id = j.id and a.state in ('submitting', 'accepted', 'unknown', 'unconfirmed')
    ) l
    where l.count > 1 or not case
      when j.status = 'processing' then l.state = 'submitting'
      when j.status in ('scheduled', 'queued', 'held', 'blocked', 'dead') then l.state is null
      when j.status = 'cancelled' then l.state is null or l.state = 'accepted' and exists (
        select from public.message_events e where e.message_id = j.message_id and e.provider_status = 'cancelled')
      when j.status = 'at_carrier' then l.state = 'accepted'
      when j.status = 'unknown' then l.state in ('unknown', 'unconfirmed')
      when j.status in ('sent', 'delivered', 'undelivered') then l.state in ('accepted', 'unconfirmed')
      else true end`,
  'a carrier has taken a message twice': `
    select a.job_id, count(*) from public.send_attempts a
    where ${fate('a')} = 'taken' and a.message_id is not null and a.state not in ('released', 'recalled')
    group by a.job_id having count(*) > 1`,
  'what nobody wants any more lies at a carrier': `
    select j.id from public.message_jobs j join public.phone_numbers n on n.id = j.phone_number_id
    where j.status = 'at_carrier' and (private.is_opted_out(j.organization_id, j.recipient) or n.status <> 'active')
      and not exists (select from public.carrier_recalls r where r.job_id = j.id and r.state = 'wanted')`,
  'a wish for what no carrier keeps': `
    select r.id, r.reason, j.status from public.carrier_recalls r join public.message_jobs j on j.id = r.job_id
    where r.state = 'wanted' and j.status <> 'at_carrier'`,
  'a gap in a thread, or a thread that does not know its last message': `
    select t.id, t.last_sequence, m.count from public.threads t cross join lateral (
      select count(*), max(m.sequence) as last, (array_agg(m.id order by m.sequence desc))[1] as last_id
      from public.messages m where m.thread_id = t.id
    ) m
    where t.last_sequence <> m.count or m.last <> m.count or t.last_message_id is distinct from m.last_id`,
  'the chain of opt-outs is broken': `
    select e.sequence from public.dnc_events e
    left join public.dnc_events p on p.organization_id = e.organization_id and p.sequence = e.sequence - 1
    where e.hash <> private.seal_dnc_event(e) or e.previous_hash <> coalesce(p.hash, '')`,
  'a number or an account is counted wrongly': `
    select s.id, s.segments, u.segments as counted from (
      select n.id, count(*) as segments from public.send_attempts a join public.phone_numbers n on n.phone_number = a.sender
      where a.worker_id <> 'w0' group by n.id
      union all
      select a.provider_account_id, count(*) from public.send_attempts a where a.worker_id <> 'w0' group by 1
    ) s full join (select subject_id, sum(segments) as segments from private.daily_usage group by 1) u on u.subject_id = s.id
    where s.segments is distinct from u.segments`,
  // No attempt began between a STOP and the next START.
  'somebody who had opted out was texted': `
    select a.job_id, a.recipient, a.started_at from public.send_attempts a
    cross join lateral (
      select e.sms_blocked from public.dnc_events e
      where e.organization_id = a.organization_id and e.phone_number = a.recipient and e.created_at < a.started_at
      order by e.sequence desc limit 1
    ) last
    where last.sms_blocked and a.worker_id <> 'w0'`,
  // What a carrier keeps has its own time, and so has what was tried and then moved.
  'a thread left out of order': `
    select j.thread_id, j.id, j.position, e.id as elder, e.position as elder_position
    from public.send_attempts a join public.message_jobs j on j.id = a.job_id
    join public.message_jobs e on e.thread_id = j.thread_id and e.position < j.position
    join public.send_attempts o on o.job_id = e.id
    where o.started_at > a.started_at and a.worker_id <> 'w0' and o.worker_id <> 'w0' and a.send_at is null and o.send_at is null
      and a.state in ('submitting', 'accepted', 'unknown', 'unconfirmed')
      and o.state in ('submitting', 'accepted', 'unknown', 'unconfirmed')`,
};

/** When all time has passed. */
export const atLast: Promises = {
  ...always,
  'a job has not come to an end': `
    select j.id, j.status, j.hold_reason, j.is_head, j.queue_message_id, j.due_at, j.error_details from public.message_jobs j
    where j.status in ('scheduled', 'queued', 'held', 'processing', 'at_carrier', 'unknown')`,
  'a job and its message disagree': `
    select j.id, m.status, j.status as job from public.messages m join public.message_jobs j on j.message_id = m.id
    where j.status <> m.status and not (j.status = 'dead' and m.status = 'failed')`,
  'a message without a job waits': `
    select m.id, m.status from public.messages m where m.direction = 'outbound' and m.status in ('queued', 'held', 'scheduled', 'unknown')`,
  'somebody still wants something back': `select id, reason from public.carrier_recalls where state = 'wanted'`,
};

/** What was found, by promise; empty when all were kept. */
export async function brokenPromises(sql: Sql, promises: Promises): Promise<Record<string, unknown>> {
  const broken: Record<string, unknown> = {};
  for (const [name, query] of Object.entries(promises)) {
    const rows = await sql.unsafe(query);
    if (rows.length > 0) broken[name] = rows.slice(0, 3);
  }
  return broken;
}
