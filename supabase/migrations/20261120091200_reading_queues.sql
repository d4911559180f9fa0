-- What is on the queues, read and judged: what a job is now decides, not what it was when it was queued.

create type private.queue_entry as (queue_name text, queue_message_id bigint, job_id uuid);
comment on type private.queue_entry is 'A message read from a queue';

create function private.queue_due_at(p_queue_name text) returns timestamptz
language sql stable
set search_path = ''
as $$
  -- One look at the index; a comparison with the clock would read every entry that is not due yet.
  select case p_queue_name
    when 'sms_priority_queue' then (select min(q.vt) from pgmq.q_sms_priority_queue q)
    when 'sms_queue' then (select min(q.vt) from pgmq.q_sms_queue q)
  end;
$$;
comment on function private.queue_due_at(text) is 'When the next message of a queue is or becomes visible; null when the queue is empty';

create function private.read_queue(p_queue_name text, p_limit integer, p_lease_seconds integer)
returns setof private.queue_entry
language plpgsql volatile
set search_path = ''
as $$
begin
  -- pgmq.read walks past everything invisible, so it is asked only when there is something to find.
  if p_limit > 0 and private.queue_due_at(p_queue_name) <= clock_timestamp() then
    return query
    select p_queue_name, r.msg_id, (r.message ->> 'job_id')::uuid
    from pgmq.read(p_queue_name::text, p_lease_seconds::integer, p_limit::integer) r
    -- It picks the eldest, and hands them over in any order.
    order by r.msg_id;
  end if;
end;
$$;
comment on function private.read_queue(text, integer, integer) is 'Reads and hides up to p_limit messages of one queue';

create function private.read_queues(p_limit integer, p_lease_seconds integer) returns setof private.queue_entry
language plpgsql volatile
set search_path = ''
as $$
declare
  -- A fifth of every claim belongs to the regular queue; a claim too small to share is drawn by lot.
  v_regular integer := case when p_limit < 5 then (random() < 0.2)::integer else p_limit / 5 end;
  v_count integer;
begin
  return query select * from private.read_queue('sms_priority_queue', p_limit - v_regular, p_lease_seconds);
  get diagnostics v_count = row_count;
  v_regular := p_limit - v_count;
  return query select * from private.read_queue('sms_queue', v_regular, p_lease_seconds);
  get diagnostics v_count = row_count;
  if v_count < v_regular then
    return query select * from private.read_queue('sms_priority_queue', v_regular - v_count, p_lease_seconds);
  end if;
end;
$$;
comment on function private.read_queues(integer, integer) is 'Priority first, without starving the regular queue';

create function private.hold_jobs(p_entries private.queue_entry[]) returns uuid[]
language plpgsql volatile
set search_path = ''
as $$
declare
  v_free uuid[];
begin
  -- A claim holds queue rows, which everybody else takes last: it must never wait, or two would wait in a circle.
  v_free := array(
    select j.id from unnest(p_entries) e
    join public.message_jobs j on j.id = e.job_id
    where private.try_share_recipient(j.organization_id, j.recipient)
  );
  return array(
    select j.id from public.message_jobs j where j.id = any (v_free) for no key update skip locked
  );
end;
$$;
comment on function private.hold_jobs(private.queue_entry[]) is
  'Holds the jobs nobody else is working on; a STOP that is being written goes first, and the judgement after it sees it';

create type private.judged_entry as (
  queue_name text, queue_message_id bigint, job_id uuid, thread_id uuid, phone_number_id uuid, provider_account_id uuid,
  segments smallint, verdict text, delay interval
);
comment on type private.judged_entry is
  'verdict send, stale, busy (somebody holds it), in_hand (a worker has it), expired, opted_out, inactive, paused, closed, elder, paced or crowded; delay until it may go or be looked at again';

create function private.judge_entries(p_entries private.queue_entry[], p_held uuid[]) returns setof private.judged_entry
language sql stable
set search_path = ''
as $$
  select e.queue_name, e.queue_message_id, j.id, j.thread_id, n.id, a.id, j.segments, case
    when j.id is null or j.queue_message_id is distinct from e.queue_message_id then 'stale'
    when j.id <> all (p_held) then 'busy'
    when j.status = 'processing' then 'in_hand'
    when j.status <> 'queued' then 'stale'
    when j.send_before <= clock_timestamp() then 'expired'
    when private.is_opted_out(j.organization_id, j.recipient) then 'opted_out'
    when n.status <> 'active' or n.released_at is not null or a.status <> 'active' then 'inactive'
    when a.paused_until > clock_timestamp() then 'paused'
    when j.window_until <= clock_timestamp() then 'closed'
    when private.has_elder(j.thread_id, j.position) then 'elder'
    else 'send'
  end, a.paused_until - clock_timestamp()
  from unnest(p_entries) e
  left join public.message_jobs j on j.id = e.job_id
  left join public.phone_numbers n on n.id = j.phone_number_id
  left join public.provider_accounts a on a.id = n.provider_account_id;
$$;
comment on function private.judge_entries(private.queue_entry[], uuid[]) is
  'What to do with what was read: the job as it is now decides, not as it was when enqueued';

create function private.hold_threads(p_judged private.judged_entry[]) returns private.judged_entry[]
language plpgsql volatile
set search_path = ''
as $$
declare
  v_needed uuid[] := array(
    select j.thread_id from unnest(p_judged) v join public.message_jobs j on j.id = v.job_id
    where v.verdict = 'send' and j.message_id is null and j.body is not null
  );
  v_threads uuid[];
begin
  if cardinality(v_needed) = 0 then
    return p_judged;
  end if;
  v_threads := array(
    select t.id from public.threads t where t.id = any (v_needed) for no key update skip locked
  );
  if cardinality(v_threads) = cardinality(v_needed) then
    return p_judged;
  end if;
  return array(
    select case
      when v.verdict = 'send' and v.thread_id = any (v_needed) and v.thread_id <> all (v_threads)
        then jsonb_populate_record(v, '{"verdict": "busy"}')
      else v
    end
    from unnest(p_judged) v
  );
end;
$$;
comment on function private.hold_threads(private.judged_entry[]) is
  'Holds the threads of jobs that still need their message; what needs a thread somebody holds has to wait for the next claim';

create function private.read_entries(p_limit integer, p_lease_seconds integer) returns private.judged_entry[]
language plpgsql volatile
set search_path = ''
as $$
declare
  v_entries private.queue_entry[];
  v_held uuid[];
  v_judged private.judged_entry[] := '{}';
  v_fitting integer := 0;
begin
  -- What an account has no free line for stands in front of the queue: look past it, or one slow account stops all.
  for v_round in 1..5 loop
    v_entries := array(select e from private.read_queues(p_limit - v_fitting, p_lease_seconds) e);
    exit when cardinality(v_entries) = 0;
    -- Two statements: the second sees what was committed before the first got its locks.
    v_held := private.hold_jobs(v_entries);
    v_judged := v_judged || private.hold_threads(array(select v from private.judge_entries(v_entries, v_held) v));
    exit when cardinality(v_entries) < p_limit - v_fitting;
    v_fitting := private.fitting(v_judged);
    exit when v_fitting * 2 >= p_limit;
  end loop;
  return v_judged;
end;
$$;
comment on function private.read_entries(integer, integer) is
  'Reads the queues until it has found something to do for most of p_limit, and judges what it read';
