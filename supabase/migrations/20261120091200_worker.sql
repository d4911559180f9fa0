-- Everything the worker may do. Its role holds no other right.

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
    from pgmq.read(p_queue_name::text, p_lease_seconds::integer, p_limit::integer) r;
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

create type private.judged_entry as (queue_name text, queue_message_id bigint, job_id uuid, thread_id uuid, verdict text);
comment on type private.judged_entry is
  'verdict send, stale, busy (somebody holds it), in_hand (a worker has it), opted_out, inactive or parked';

create function private.has_elder(p_job public.message_jobs) returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select 1 from public.message_jobs e
    where e.thread_id = p_job.thread_id and e.sequence < p_job.sequence and e.status in ('queued', 'processing')
  );
$$;
comment on function private.has_elder(public.message_jobs) is 'True while an earlier job of the same thread has not ended';

create function private.judge_entries(p_entries private.queue_entry[], p_held uuid[]) returns setof private.judged_entry
language sql stable
set search_path = ''
as $$
  select e.queue_name, e.queue_message_id, j.id, j.thread_id, case
    when j.id is null or j.queue_message_id is distinct from e.queue_message_id then 'stale'
    when j.id <> all (p_held) then 'busy'
    when j.status = 'processing' then 'in_hand'
    when j.status <> 'queued' then 'stale'
    when private.is_opted_out(j.organization_id, j.recipient) then 'opted_out'
    when n.status <> 'active' or n.released_at is not null or a.status <> 'active' then 'inactive'
    when private.has_elder(j) then 'parked'
    else 'send'
  end
  from unnest(p_entries) e
  left join public.message_jobs j on j.id = e.job_id
  left join public.phone_numbers n on n.id = j.phone_number_id
  left join public.provider_accounts a on a.id = n.provider_account_id;
$$;
comment on function private.judge_entries(private.queue_entry[], uuid[]) is
  'What to do with what was read: the job as it is now decides, not as it was when enqueued';

create function private.set_aside(p_entries private.judged_entry[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_threads uuid[];
  v_parked uuid[];
begin
  perform pgmq.delete(d.queue_name::text, d.ids::bigint[]) from (
    select e.queue_name, array_agg(e.queue_message_id) as ids from unnest(p_entries) e
    where e.verdict = 'stale' group by e.queue_name
  ) d;
  -- Whoever ends a job holds its thread while looking for one to wake: with the thread in hand no wake-up is lost.
  v_threads := array(
    select t.id from public.threads t
    where t.id in (select e.thread_id from unnest(p_entries) e where e.verdict in ('parked', 'opted_out', 'inactive'))
    for no key update skip locked
  );
  update public.message_jobs j set parked = true
  from unnest(p_entries) e
  where e.verdict = 'parked' and j.id = e.job_id and j.thread_id = any (v_threads) and private.has_elder(j);
  v_parked := array(
    select j.id from unnest(p_entries) e join public.message_jobs j on j.id = e.job_id
    where e.verdict = 'parked' and j.parked
  );
  -- The minute is a second net; what somebody else holds comes back at once, and is judged anew.
  perform pgmq.set_vt(
    e.queue_name::text, e.queue_message_id::bigint, case when e.job_id = any (v_parked) then 60 else 0 end::integer
  )
  from unnest(p_entries) e
  where e.verdict in ('busy', 'parked')
    or (e.verdict in ('opted_out', 'inactive') and e.thread_id <> all (v_threads));
  perform private.end_jobs(array(
    select (e.job_id, 'blocked', 'blocked', null, null,
      case e.verdict when 'opted_out' then 'TL103' else 'TL104' end,
      case e.verdict when 'opted_out' then 'Not sent: this person has opted out'
        else 'Not sent: our number is not active' end)::private.settlement
    from unnest(p_entries) e
    where e.verdict in ('opted_out', 'inactive') and e.thread_id = any (v_threads)
  ));
end;
$$;
comment on function private.set_aside(private.judged_entry[]) is
  'Deals with every entry that must not be sent now, without waiting for anybody';

create function worker.claim(p_worker_id text, p_limit integer, p_lease_seconds integer) returns setof jsonb
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_entries private.queue_entry[];
  v_held uuid[];
  v_judged private.judged_entry[];
begin
  v_entries := array(select e from private.read_queues(p_limit, p_lease_seconds) e);
  if cardinality(v_entries) = 0 then
    return;
  end if;
  -- Two statements: the second sees what was committed before the first got its locks.
  v_held := private.hold_jobs(v_entries);
  v_judged := array(select v from private.judge_entries(v_entries, v_held) v);
  return query
  with attempts as (
    insert into public.send_attempts (
      organization_id, job_id, message_id, provider_account_id, sender, recipient, body_sha256, worker_id, lease_expires_at
    )
    select j.organization_id, j.id, j.message_id, n.provider_account_id, n.phone_number, j.recipient,
      sha256(convert_to(j.body, 'UTF8')), p_worker_id, clock_timestamp() + make_interval(secs => p_lease_seconds)
    from unnest(v_judged) v
    join public.message_jobs j on j.id = v.job_id
    join public.phone_numbers n on n.id = j.phone_number_id
    where v.verdict = 'send'
    on conflict (job_id) where state in ('submitting', 'accepted', 'unknown') do nothing
    returning *
  ), claimed as (
    update public.message_jobs j set status = 'processing', parked = false
    from attempts a where j.id = a.job_id
    returning j.*, a.id as attempt_id, a.sender, a.provider_account_id
  )
  select jsonb_build_object(
    'job_id', c.id, 'attempt_id', c.attempt_id, 'message_id', c.message_id, 'organization_id', c.organization_id,
    'thread_id', c.thread_id, 'provider', p.provider, 'account_ref', p.account_ref, 'credentials_ref', p.credentials_ref,
    'from', c.sender, 'to', c.recipient, 'body', c.body, 'messaging_service_sid', n.messaging_service_ref,
    'media_paths', private.media_paths(c.message_id), 'retry_count', c.retry_count, 'queue', c.queue_name,
    'enqueued_at', c.created_at
  )
  from claimed c
  join public.provider_accounts p on p.id = c.provider_account_id
  join public.phone_numbers n on n.id = c.phone_number_id
  order by c.queue_name, c.queue_message_id;
  perform private.set_aside(array(select v from unnest(v_judged) v where v.verdict <> 'send'));
end;
$$;
comment on function worker.claim(text, integer, integer) is
  'Hands out up to p_limit jobs for p_lease_seconds, each with a committed send attempt; at most one per thread at a time';

create function private.media_paths(p_message_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(d.storage_path order by d.position), '[]') from public.message_media d
  where d.message_id = p_message_id and d.storage_path is not null;
$$;
comment on function private.media_paths(uuid) is 'Storage paths of a message''s pictures, in order';

create type private.send_outcome as (
  attempt_id uuid,
  outcome text,
  provider_message_id text,
  provider_status text,
  segments smallint,
  http_status smallint,
  error_code text,
  error_class text,
  error_message text,
  error_text text,
  retry_after_seconds integer
);
comment on type private.send_outcome is 'What the worker learned from one carrier call';

create function private.retry_delay(p_retry_count integer, p_retry_after_seconds integer) returns integer
language sql volatile
set search_path = ''
as $$
  -- Full jitter over a doubling ceiling; what the carrier asked for is the least.
  select greatest(
    least(coalesce(p_retry_after_seconds, 0), 3600),
    ceil(random() * least(300, power(2, least(p_retry_count, 16) + 1)))::integer
  );
$$;
comment on function private.retry_delay(integer, integer) is 'Seconds until the next try, 1 to 300 unless the carrier asks for more; an hour at most';

create function private.retry_jobs(p_outcomes private.send_outcome[]) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform pgmq.set_vt(
    j.queue_name::text, j.queue_message_id::bigint,
    private.retry_delay(j.retry_count, o.retry_after_seconds)::integer
  )
  from unnest(p_outcomes) o
  join public.send_attempts a on a.id = o.attempt_id
  join public.message_jobs j on j.id = a.job_id;
  update public.message_jobs j
  set status = 'queued', retry_count = j.retry_count + 1,
    error_details = jsonb_build_object('code', o.error_code, 'text', o.error_text, 'message', o.error_message)
  from unnest(p_outcomes) o
  join public.send_attempts a on a.id = o.attempt_id
  where j.id = a.job_id and j.status = 'processing';
end;
$$;
comment on function private.retry_jobs(private.send_outcome[]) is 'Back to the queue, invisible until the back-off is over';

create function private.parse_outcomes(p_outcomes jsonb) returns private.send_outcome[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_outcomes constant private.send_outcome[] := array(
    select distinct on (o.attempt_id) o from jsonb_populate_recordset(null::private.send_outcome, p_outcomes) o
    order by o.attempt_id
  );
begin
  if exists (
    select 1 from unnest(v_outcomes) o
    where o.attempt_id is null or coalesce(o.outcome, '') not in ('accepted', 'not_sent', 'later', 'unknown')
  ) then
    raise exception using errcode = 'TL002', message = 'An outcome needs an attempt_id and accepted, not_sent, later or unknown';
  end if;
  return v_outcomes;
end;
$$;
comment on function private.parse_outcomes(jsonb) is 'What the worker reports, one outcome for each attempt, by attempt id. Errors: TL002';

create function private.block_refused_recipients(p_outcomes private.send_outcome[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  -- A report that comes again must not undo a START that came in between: only attempts whose end is not known yet.
  v_attempt_ids constant uuid[] := array(
    select a.id from unnest(p_outcomes) o join public.send_attempts a on a.id = o.attempt_id
    where o.error_class = 'opted_out' and a.state in ('submitting', 'unknown')
  );
begin
  if cardinality(v_attempt_ids) = 0 then
    return;
  end if;
  -- All recipients, then all threads of the batch, and only then the first change: see private.lock_threads.
  perform private.lock_recipient(r.organization_id, r.recipient) from (
    select distinct a.organization_id, a.recipient from public.send_attempts a where a.id = any (v_attempt_ids) order by 1, 2
  ) r;
  perform private.lock_threads(array(
    select unnest(private.threads_of_recipient(a.organization_id, a.recipient)) from public.send_attempts a
    where a.id = any (v_attempt_ids)
    union
    select j.thread_id from unnest(p_outcomes) o
    join public.send_attempts a on a.id = o.attempt_id
    join public.message_jobs j on j.id = a.job_id
  ));
  perform private.block_recipient(
    a.organization_id, a.recipient, 'carrier', 'The carrier refused: opted out', a.message_id
  )
  from public.send_attempts a where a.id = any (v_attempt_ids) order by a.organization_id, a.recipient;
end;
$$;
comment on function private.block_refused_recipients(private.send_outcome[]) is 'The refusal of a carrier is an opt-out we had not heard of';

create function worker.complete(p_worker_id text, p_outcomes jsonb) returns integer
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_outcomes private.send_outcome[] := private.parse_outcomes(p_outcomes);
  v_settlements private.settlement[];
  v_retries private.send_outcome[];
begin
  perform private.block_refused_recipients(v_outcomes);
  perform private.lock_attempts(array(select o.attempt_id from unnest(v_outcomes) o));
  -- Only attempts whose end nobody knew yet: a callback may have been faster, and then it was right.
  v_outcomes := private.close_attempts(v_outcomes);
  perform private.record_outcome_events(v_outcomes);
  v_settlements := array(
    select s from unnest(v_outcomes) o cross join lateral private.outcome_settlement(o) s where s.job_id is not null
  );
  v_retries := array(select o from unnest(v_outcomes) o where (private.outcome_settlement(o)).job_id is null);
  perform private.retry_jobs(v_retries);
  perform private.settle_jobs(v_settlements);
  perform private.bury_dead_jobs(v_outcomes);
  return cardinality(v_outcomes);
end;
$$;
comment on function worker.complete(text, jsonb) is
  'Takes a batch of outcomes (array of private.send_outcome as objects) in one statement; returns how many were news';

create function private.close_attempts(p_outcomes private.send_outcome[]) returns private.send_outcome[]
language plpgsql volatile
set search_path = ''
as $$
declare
  v_closed uuid[];
begin
  with closed as (
    update public.send_attempts a
    set state = o.outcome, finished_at = clock_timestamp(), provider_message_id = o.provider_message_id,
      provider_status = o.provider_status, http_status = o.http_status, error_code = o.error_code,
      error_message = left(o.error_message, 500)
    from unnest(p_outcomes) o
    where a.id = o.attempt_id and (a.state = 'submitting' or (a.state = 'unknown' and o.outcome <> 'unknown'))
    returning a.id
  )
  select array_agg(c.id) into v_closed from closed c;
  return array(select o from unnest(p_outcomes) o where o.attempt_id = any (v_closed));
end;
$$;
comment on function private.close_attempts(private.send_outcome[]) is 'Writes outcomes on their attempts; returns those that were news';

create function private.record_outcome_events(p_outcomes private.send_outcome[]) returns void
language sql volatile
set search_path = ''
as $$
  insert into public.message_events (organization_id, message_id, attempt_id, event_key, provider_status, error_code)
  select a.organization_id, a.message_id, a.id, 'attempt:' || a.id || ':' || o.outcome,
    coalesce(o.provider_status, o.outcome), o.error_code
  from unnest(p_outcomes) o join public.send_attempts a on a.id = o.attempt_id
  on conflict (message_id, event_key) do nothing;
$$;
comment on function private.record_outcome_events(private.send_outcome[]) is 'Keeps what the carrier answered to the submission';

create function private.outcome_settlement(p_outcome private.send_outcome) returns private.settlement
language sql stable
set search_path = ''
as $$
  select case
    when p_outcome.outcome = 'accepted' then
      (j.id, 'sent', 'sent', p_outcome.provider_message_id, p_outcome.segments, null, null)::private.settlement
    when p_outcome.outcome = 'unknown' then
      (j.id, 'unknown', 'unknown', null, null, null, null)::private.settlement
    when p_outcome.error_class = 'opted_out' then
      (j.id, 'blocked', 'blocked', null, null, p_outcome.error_code, p_outcome.error_text)::private.settlement
    when p_outcome.outcome = 'not_sent' and p_outcome.error_class = 'permanent' then
      (j.id, 'failed', 'failed', null, null, p_outcome.error_code, p_outcome.error_text)::private.settlement
    -- Swept in the meantime: it is known not to have left, but its place in the thread is gone.
    when j.status <> 'processing' then
      (j.id, 'failed', 'failed', null, null, p_outcome.error_code, p_outcome.error_text)::private.settlement
    when j.retry_count >= j.max_retries then
      (j.id, 'dead', 'failed', null, null, p_outcome.error_code, p_outcome.error_text)::private.settlement
  end
  from public.send_attempts a join public.message_jobs j on j.id = a.job_id
  where a.id = p_outcome.attempt_id;
$$;
comment on function private.outcome_settlement(private.send_outcome) is 'How an outcome ends the job, or null when it is to be tried again';

create function private.bury_dead_jobs(p_outcomes private.send_outcome[]) returns void
language sql volatile
set search_path = ''
as $$
  select pgmq.send('sms_dead_letter'::text, jsonb_build_object('v', 1, 'job_id', j.id)::jsonb, 0::integer)
  from unnest(p_outcomes) o
  join public.send_attempts a on a.id = o.attempt_id
  join public.message_jobs j on j.id = a.job_id
  where j.status = 'dead';
$$;
comment on function private.bury_dead_jobs(private.send_outcome[]) is 'Puts jobs whose retries are used up on the dead-letter queue';

create function worker.release(p_worker_id text, p_attempt_ids uuid[]) returns integer
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_jobs uuid[];
begin
  perform private.lock_attempts(p_attempt_ids);
  with released as (
    update public.send_attempts a set state = 'released', finished_at = clock_timestamp()
    where a.id = any (p_attempt_ids) and a.worker_id = p_worker_id and a.state = 'submitting'
    returning a.job_id
  )
  select array_agg(r.job_id) into v_jobs from released r;
  perform pgmq.set_vt(j.queue_name::text, j.queue_message_id::bigint, 0::integer)
  from public.message_jobs j where j.id = any (v_jobs) and j.status = 'processing';
  update public.message_jobs j set status = 'queued' where j.id = any (v_jobs) and j.status = 'processing';
  perform private.wake_workers();
  return coalesce(cardinality(v_jobs), 0);
end;
$$;
comment on function worker.release(text, uuid[]) is 'Gives back what was claimed and, for certain, not submitted';

create function worker.extend(p_worker_id text, p_attempt_ids uuid[], p_lease_seconds integer) returns integer
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_jobs uuid[];
begin
  perform 1 from public.send_attempts a where a.id = any (p_attempt_ids) order by a.id for no key update;
  with extended as (
    update public.send_attempts a set lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where a.id = any (p_attempt_ids) and a.worker_id = p_worker_id and a.state = 'submitting'
    returning a.job_id
  )
  select array_agg(e.job_id) into v_jobs from extended e;
  perform pgmq.set_vt(j.queue_name::text, j.queue_message_id::bigint, p_lease_seconds::integer)
  from public.message_jobs j where j.id = any (v_jobs) and j.status = 'processing';
  return coalesce(cardinality(v_jobs), 0);
end;
$$;
comment on function worker.extend(text, uuid[], integer) is 'Prolongs the lease of work still in hand';

create function worker.fall_asleep(p_worker_id text, p_seconds integer) returns boolean
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
begin
  -- A producer that is between its insert and its commit holds the shared side: do not sleep past it.
  if not pg_try_advisory_xact_lock(hashtextextended('threadline:sleep', 0)) then
    return false;
  end if;
  if worker.next_due() <= clock_timestamp() then
    return false;
  end if;
  insert into private.sleeping_workers (worker_id, expires_at)
  values (p_worker_id, clock_timestamp() + make_interval(secs => p_seconds))
  on conflict (worker_id) do update set expires_at = excluded.expires_at;
  delete from private.sleeping_workers w where w.expires_at < clock_timestamp() - interval '1 hour';
  return true;
end;
$$;
comment on function worker.fall_asleep(text, integer) is
  'Asks producers to notify for p_seconds; false when there is work, or when somebody is just bringing some';

create function worker.wake_up(p_worker_id text) returns void
language sql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$ delete from private.sleeping_workers w where w.worker_id = p_worker_id; $$;
comment on function worker.wake_up(text) is 'No notifications, please: this worker looks by itself';

create function worker.next_due() returns timestamptz
language sql stable
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  select least(
    private.queue_due_at('sms_priority_queue'),
    private.queue_due_at('sms_queue'),
    (select min(d.copy_after) from public.message_media d where d.status = 'pending')
  );
$$;
comment on function worker.next_due() is 'When the next job becomes visible; null when nothing waits';

create function private.lock_attempts(p_attempt_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.lock_threads(private.threads_of_jobs(array(
    select a.job_id from public.send_attempts a where a.id = any (p_attempt_ids)
  )));
  perform 1 from public.send_attempts a where a.id = any (p_attempt_ids) order by a.id for no key update;
end;
$$;
comment on function private.lock_attempts(uuid[]) is 'Locks attempts and, before them, the threads they belong to, in the order of private.lock_threads';

create function private.lose_attempts(p_attempt_ids uuid[]) returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_jobs uuid[];
begin
  perform private.lock_attempts(p_attempt_ids);
  with lost as (
    update public.send_attempts a set state = 'unknown', finished_at = clock_timestamp()
    where a.id = any (p_attempt_ids) and a.state = 'submitting' and a.lease_expires_at < clock_timestamp()
    returning a.job_id
  )
  select array_agg(l.job_id) into v_jobs from lost l;
  perform private.settle_jobs(array(
    select (j, 'unknown', 'unknown', null, null, null, null)::private.settlement from unnest(v_jobs) j
  ));
  return coalesce(cardinality(v_jobs), 0);
end;
$$;
comment on function private.lose_attempts(uuid[]) is
  'The carrier may or may not have taken these: they become unknown and are never submitted again by themselves; returns how many';

create function worker.sweep() returns jsonb
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_lost uuid[];
begin
  -- No leader: whoever comes first sweeps, the others go on with their work.
  if not pg_try_advisory_xact_lock(hashtextextended('threadline:sweep', 0)) then
    return jsonb_build_object('skipped', true);
  end if;
  v_lost := array(
    select a.id from public.send_attempts a
    where a.state = 'submitting' and a.lease_expires_at < clock_timestamp()
    order by a.lease_expires_at limit 500
  );
  return jsonb_build_object('skipped', false, 'attempts_lost', private.lose_attempts(v_lost));
end;
$$;
comment on function worker.sweep() is 'Settles what a dead worker left behind; safe to call from any number of workers';

create function worker.claim_media(p_worker_id text, p_limit integer, p_lease_seconds integer) returns setof jsonb
language sql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  with taken as (
    select d.id from public.message_media d
    where d.status = 'pending' and d.copy_after <= clock_timestamp()
    order by d.copy_after limit p_limit for update skip locked
  ), leased as (
    update public.message_media d
    set copy_after = clock_timestamp() + make_interval(secs => p_lease_seconds), copy_attempts = d.copy_attempts + 1
    from taken t where d.id = t.id
    returning d.*
  )
  select jsonb_build_object(
    'media_id', l.id, 'organization_id', l.organization_id, 'message_id', l.message_id, 'position', l.position,
    'provider', a.provider, 'credentials_ref', a.credentials_ref, 'provider_url', l.provider_url,
    'content_type', l.content_type, 'attempt', l.copy_attempts
  )
  from leased l
  join public.messages m on m.id = l.message_id
  join public.provider_accounts a on a.id = m.provider_account_id;
$$;
comment on function worker.claim_media(text, integer, integer) is 'Pictures to copy from the carrier into storage';

create function worker.complete_media(
  p_media_id uuid, p_status text, p_storage_path text, p_content_type text, p_size_bytes bigint, p_reason text
) returns void
language sql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  update public.message_media d
  set status = case
      when p_status = 'retry' and d.copy_attempts >= 8 then 'failed'
      when p_status = 'retry' then 'pending'
      else p_status
    end,
    copy_after = clock_timestamp() + make_interval(secs => private.retry_delay(d.copy_attempts, null)),
    storage_path = coalesce(p_storage_path, d.storage_path),
    content_type = coalesce(p_content_type, d.content_type),
    size_bytes = coalesce(p_size_bytes, d.size_bytes),
    failure_reason = case when p_status = 'stored' then null else left(p_reason, 200) end
  where d.id = p_media_id and d.status = 'pending';
$$;
comment on function worker.complete_media(uuid, text, text, text, bigint, text) is
  'p_status stored, failed (never again) or retry (later, 8 times at most)';

create function worker.queue_depths() returns jsonb
language sql stable
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  select jsonb_agg(jsonb_build_object(
    'queue', m.queue_name, 'length', m.queue_length, 'oldest_age_seconds', m.oldest_msg_age_sec
  ))
  from pgmq.metrics_all() m
  where m.queue_name in ('sms_priority_queue', 'sms_queue', 'sms_dead_letter');
$$;
comment on function worker.queue_depths() is 'Length and age of the oldest message of each queue';

grant execute on all functions in schema worker to threadline_worker;
