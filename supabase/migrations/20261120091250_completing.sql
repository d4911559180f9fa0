-- What the worker learned, in batches: each attempt ends once, and with it the job or only this try.

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
-- Full jitter over a doubling ceiling; what the carrier asked for is the least.
return greatest(
  least(coalesce(p_retry_after_seconds, 0), 3600),
  ceil(random() * least(300, power(2, least(p_retry_count, 16) + 1)))::integer
);
comment on function private.retry_delay(integer, integer) is 'Seconds until the next try, 1 to 300 unless the carrier asks for more; an hour at most';

create function private.retry_jobs(p_outcomes private.send_outcome[]) returns void
language sql volatile
set search_path = ''
as $$
  with retried as materialized (
    select j.id, j.queue_name, j.queue_message_id, o.outcome, o.error_code, o.error_text, o.error_message,
      private.retry_delay(j.retry_count, o.retry_after_seconds) as seconds
    from unnest(p_outcomes) o
    join public.send_attempts a on a.id = o.attempt_id
    join public.message_jobs j on j.id = a.job_id and j.status = 'processing'
  ), put_back as materialized (
    select pgmq.set_vt(r.queue_name::text, r.queue_message_id::bigint, r.seconds::integer) from retried r
  )
  update public.message_jobs j
  -- "Later" is the carrier's calendar, not a failure of the message: it uses up no retry.
  set status = 'queued', retry_count = j.retry_count + (r.outcome <> 'later')::integer,
    due_at = clock_timestamp() + make_interval(secs => r.seconds),
    error_details = jsonb_build_object('code', r.error_code, 'text', r.error_text, 'message', r.error_message)
  from retried r
  where j.id = r.id and (select count(*) from put_back) >= 0;
$$;
comment on function private.retry_jobs(private.send_outcome[]) is
  'Back to the queue, invisible until the back-off is over; the job keeps its place in its thread';

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
    where o.error_class = 'opted_out' and a.state in ('submitting', 'unknown', 'unconfirmed')
  );
  v_threads uuid[];
begin
  if cardinality(v_attempt_ids) = 0 then
    return;
  end if;
  -- All recipients, then all threads of the batch, and only then the first change: see private.lock_threads.
  perform private.lock_recipient(r.organization_id, r.recipient) from (
    select distinct a.organization_id, a.recipient from public.send_attempts a where a.id = any (v_attempt_ids) order by 1, 2
  ) r;
  v_threads := array(
    select unnest(private.threads_of_recipient(a.organization_id, a.recipient)) from public.send_attempts a
    where a.id = any (v_attempt_ids)
    union
    select j.thread_id from unnest(p_outcomes) o
    join public.send_attempts a on a.id = o.attempt_id
    join public.message_jobs j on j.id = a.job_id
  );
  perform private.lock_threads(v_threads);
  perform private.share_numbers(v_threads);
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
set plan_cache_mode = force_generic_plan -- planning anew for every batch costs a tenth of the whole
-- From a few rows to others by their key, in the order it is written: a plan from when a table was new, for which reading
-- all of it is as good, is kept for as long as the connection lives.
set enable_seqscan = off
set random_page_cost = 0
set join_collapse_limit = 1
as $$
declare
  v_outcomes private.send_outcome[] := private.parse_outcomes(p_outcomes);
  v_settlements private.settlement[];
  v_retries private.send_outcome[];
begin
  perform private.block_refused_recipients(v_outcomes);
  perform private.lock_attempts(array(select o.attempt_id from unnest(v_outcomes) o));
  perform private.share_numbers(array(
    select j.thread_id from unnest(v_outcomes) o
    join public.send_attempts a on a.id = o.attempt_id and a.send_at is not null
    join public.message_jobs j on j.id = a.job_id
  ));
  -- Only attempts whose end nobody knew yet: a callback may have been faster, and then it was right.
  v_outcomes := private.close_attempts(v_outcomes);
  perform private.record_outcome_events(v_outcomes);
  v_settlements := array(select s from private.outcome_settlements(v_outcomes) s);
  v_retries := array(
    select o from unnest(v_outcomes) o
    join public.send_attempts a on a.id = o.attempt_id
    where a.job_id not in (select s.job_id from unnest(v_settlements) s)
  );
  perform private.adapt_load(v_outcomes);
  if cardinality(v_retries) > 0 then
    perform private.wait_here(v_retries);
    perform private.retry_jobs(v_retries);
    -- What waits for its next try leaves room for others.
    perform private.admit(array(
      select distinct j.phone_number_id from unnest(v_retries) o
      join public.send_attempts a on a.id = o.attempt_id join public.message_jobs j on j.id = a.job_id
    ));
  end if;
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
    set state = o.outcome, finished_at = clock_timestamp(),
      look_up_after = case when o.outcome = 'unknown' then clock_timestamp() + interval '60 seconds' end,
      provider_message_id = o.provider_message_id,
      provider_status = o.provider_status, http_status = o.http_status, error_code = o.error_code,
      error_message = left(o.error_message, 500)
    from unnest(p_outcomes) o
    where a.id = o.attempt_id
      -- Spelled so that each is looked up by its id, and not in the index of all that are in flight.
      and case a.state
        when 'submitting' then true when 'unknown' then o.outcome <> 'unknown' when 'unconfirmed' then o.outcome <> 'unknown'
      end
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
  -- What ended before its template was filled in has no message to keep an observation of.
  where a.message_id is not null
  on conflict (message_id, event_key) do nothing;
$$;
comment on function private.record_outcome_events(private.send_outcome[]) is 'Keeps what the carrier answered to the submission';

create function private.landing(p_send_at timestamptz, p_status text, p_provider_status text) returns text
language sql volatile
set search_path = ''
as $$
  select case
    when p_send_at is null or p_status <> 'sent' then p_status
    when p_provider_status = 'scheduled' then 'at_carrier'
    -- Of what lies in the future a log may say nothing yet.
    when p_provider_status is null and p_send_at > clock_timestamp() then 'at_carrier'
    else p_status
  end;
$$;
comment on function private.landing(timestamptz, text, text) is
  'The job''s status for what a carrier says of a message it was asked to send at a time: while it only keeps it, at_carrier';

create function private.is_not_held(p_outcome private.send_outcome, p_job public.message_jobs) returns boolean
language sql stable
set search_path = ''
as $$
  select p_job.status = 'processing' and p_outcome.outcome = 'not_sent' and (
    p_outcome.error_message is not distinct from 'schedule_not_possible'
    or (p_outcome.error_class is distinct from 'permanent' and p_job.retry_count >= p_job.max_retries)
  );
$$;
comment on function private.is_not_held(private.send_outcome, public.message_jobs) is
  'True when a carrier that was asked to keep a message does not: its time is not one the carrier takes, or no try succeeded';

create function private.wait_here(p_outcomes private.send_outcome[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_job_ids constant uuid[] := array(
    select j.id from unnest(p_outcomes) o
    join public.send_attempts a on a.id = o.attempt_id and a.send_at is not null
    join public.message_jobs j on j.id = a.job_id
    where private.is_not_held(o, j)
  );
begin
  if cardinality(v_job_ids) = 0 then
    return;
  end if;
  perform private.delete_from_queues(v_job_ids);
  update public.message_jobs j
  set status = 'scheduled', carrier_at = null, due_at = greatest(j.scheduled_for, clock_timestamp()), is_head = false,
    queue_message_id = null, retry_count = 0,
    error_details = jsonb_build_object('code', o.error_code, 'text', o.error_text, 'message', o.error_message),
    decision = j.decision || jsonb_build_object('carrier', jsonb_build_object(
      'waits_here', coalesce(o.error_code, o.error_message, 'no_answer'), 'asked_for', j.carrier_at
    ))
  from unnest(p_outcomes) o join public.send_attempts a on a.id = o.attempt_id
  where j.id = a.job_id and j.id = any (v_job_ids);
  perform private.show_messages(v_job_ids, 'scheduled');
  perform private.advance_threads(private.threads_of_jobs(v_job_ids));
end;
$$;
comment on function private.wait_here(private.send_outcome[]) is
  'What its carrier does not keep waits in the database instead and goes at the same time; the caller holds the threads';

create function private.outcome_settlements(p_outcomes private.send_outcome[]) returns setof private.settlement
language sql stable
set search_path = ''
as $$
  select (j.id, e.job_status, e.message_status,
    case when o.outcome = 'accepted' then o.provider_message_id end, case when o.outcome = 'accepted' then o.segments end,
    case when e.message_status in ('blocked', 'failed') then o.error_code end,
    case when e.message_status in ('blocked', 'failed') then o.error_text end
  )::private.settlement
  from unnest(p_outcomes) o
  join public.send_attempts a on a.id = o.attempt_id
  join public.message_jobs j on j.id = a.job_id
  cross join lateral (
    select
      case
        when o.outcome = 'accepted' and a.send_at is not null
          then private.landing(a.send_at, 'sent', o.provider_status)
        when o.outcome = 'accepted' then 'sent'
        when o.outcome = 'unknown' then 'unknown'
        when o.error_class = 'opted_out' then 'blocked'
        when a.send_at is not null and private.is_not_held(o, j) then null
        when o.outcome = 'not_sent' and o.error_class = 'permanent' then 'failed'
        -- Swept in the meantime: it is known not to have left, but its place in the thread is gone.
        when j.status <> 'processing' then 'failed'
        when o.outcome <> 'later' and j.retry_count >= j.max_retries then 'dead'
      end
  ) k (job_status)
  cross join lateral (
    select k.job_status,
      case k.job_status when 'dead' then 'failed' when 'at_carrier' then 'scheduled' else k.job_status end
  ) e (job_status, message_status)
  where e.job_status is not null;
$$;
comment on function private.outcome_settlements(private.send_outcome[]) is 'How outcomes end their jobs; those to be tried again are left out';

create function private.bury_dead_jobs(p_outcomes private.send_outcome[]) returns void
language sql volatile
set search_path = ''
as $$
  update public.message_jobs j
  -- The letter's own id lets it be taken off the queue again without looking through it.
  set error_details = coalesce(j.error_details, '{}') || jsonb_build_object('dead_letter_id', (
    select pgmq.send('sms_dead_letter'::text, jsonb_build_object('v', 1, 'job_id', j.id)::jsonb, 0::integer)
  ))
  from unnest(p_outcomes) o
  join public.send_attempts a on a.id = o.attempt_id
  where j.id = a.job_id and j.status = 'dead' and not coalesce(j.error_details, '{}') ? 'dead_letter_id';
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

create function worker.release_unheld(p_worker_id text, p_held uuid[]) returns integer
language sql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  select worker.release(p_worker_id, array(
    select a.id from public.send_attempts a
    where a.worker_id = p_worker_id and a.state = 'submitting' and a.id <> all (p_held)
  ));
$$;
comment on function worker.release_unheld(text, uuid[]) is
  'Gives back what a claim handed out in an answer that was lost: this worker''s attempts but those it holds. Only while no claim of the worker is under way';

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
  -- Without the threads: in the order of everybody else who does so (private.show_entries).
  perform pgmq.set_vt(j.queue_name::text, j.queue_message_id::bigint, p_lease_seconds::integer)
  from (
    select * from public.message_jobs j where j.id = any (v_jobs) and j.status = 'processing'
    order by j.queue_name, j.queue_message_id
  ) j;
  return coalesce(cardinality(v_jobs), 0);
end;
$$;
comment on function worker.extend(text, uuid[], integer) is 'Prolongs the lease of work still in hand';

