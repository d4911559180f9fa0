-- From the queues to the worker's hands: what was read is judged by what the job is now.

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

create function private.write_messages(p_job_ids uuid[]) returns table (job_id uuid, message_id uuid)
language sql volatile
set search_path = ''
as $$
  with fresh as materialized (
    select j.id as job_id, private.uuid_v7() as message_id, j.organization_id, j.thread_id, j.body, j.segments,
      n.provider_account_id, t.contact_id, t.last_sequence + 1 as sequence, clock_timestamp() as created_at
    from public.message_jobs j
    join public.threads t on t.id = j.thread_id
    join public.phone_numbers n on n.id = j.phone_number_id
    where j.id = any (p_job_ids)
      -- Spelled so that no index is asked for all jobs without a message, however many wait.
      and case when j.message_id is null then j.body is not null else false end
  ), stored as (
    insert into public.messages (
      id, organization_id, thread_id, sequence, direction, body, status, segments, provider_account_id, created_at
    )
    select f.message_id, f.organization_id, f.thread_id, f.sequence, 'outbound', f.body, 'queued', f.segments,
      f.provider_account_id, f.created_at
    from fresh f
  ), held as materialized (
    -- Contacts come before threads in the order of locks; one that somebody holds keeps its older time.
    select c.id, f.created_at from public.contacts c join fresh f on f.contact_id = c.id for no key update of c skip locked
  ), seen as (
    update public.contacts c set last_contact_at = h.created_at from held h where c.id = h.id
  )
  update public.threads t
  set last_sequence = f.sequence, last_message_id = f.message_id, last_message_at = f.created_at
  from fresh f where t.id = f.thread_id
  returning f.job_id, f.message_id;
$$;
comment on function private.write_messages(uuid[]) is
  'Gives jobs of programs their messages, at most one of each thread at a time; the caller holds the threads';

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

create function private.window_decision(p_zones text[], p_found_by text, p_zone text, p_rules text, p_from timestamptz, p_until timestamptz)
returns jsonb
language sql stable
return jsonb_strip_nulls(jsonb_build_object(
  'zones', p_zones, 'found_by', p_found_by, 'decisive_zone', p_zone, 'rule_version', p_rules,
  'allowed_from', p_from, 'allowed_until', p_until,
  'local_time', to_char(p_from at time zone coalesce(p_zone, p_zones[1]), 'YYYY-MM-DD"T"HH24:MI')
));
comment on function private.window_decision(text[], text, text, text, timestamptz, timestamptz) is
  'What a job keeps of the reasons for its hours';

create function private.show_messages(p_job_ids uuid[], p_status text) returns void
language sql volatile
set search_path = ''
as $$
  update public.messages m set status = p_status
  from public.message_jobs j
  where j.id = any (p_job_ids) and m.id = j.message_id and m.status <> p_status
    and m.status in ('scheduled', 'held', 'queued');
$$;
comment on function private.show_messages(uuid[], text) is 'Lets the messages of waiting jobs say how they wait: scheduled, held or queued';

create function private.hold_until_open(p_job_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if cardinality(p_job_ids) = 0 then
    return;
  end if;
  perform private.delete_from_queues(p_job_ids);
  update public.message_jobs j
  set status = 'held', hold_reason = 'quiet_hours', is_head = false, queue_message_id = null,
    -- Never open in a fortnight: the job waits a day and is asked again, unless send_before ends it.
    -- Where send_before comes first it wakes then, and ends there.
    due_at = least(coalesce(h.allowed_from, clock_timestamp() + interval '1 day'), j.send_before),
    window_until = h.allowed_until, decision = j.decision || h.decision
  from private.ask_hours(p_job_ids) h where j.id = h.job_id;
  perform private.show_messages(p_job_ids, 'held');
end;
$$;
comment on function private.hold_until_open(uuid[]) is 'The recipients'' hours have ended: back until they open; the caller holds the threads';

create function private.ask_again(p_job_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_old uuid[] := array(
    select j.id from public.message_jobs j
    where j.id = any (p_job_ids) and j.message_class in ('marketing', 'transactional')
      and j.created_at < now() - interval '10 minutes'
      -- What the carrier is to keep was asked about for the moment when the carrier sends it.
      and j.carrier_at is null
  );
  v_closed uuid[];
begin
  if cardinality(v_old) = 0 then
    return;
  end if;
  with asked as (
    update public.message_jobs j set window_until = h.allowed_until, decision = j.decision || h.decision
    from private.ask_hours(v_old) h where j.id = h.job_id
    returning j.id, coalesce(h.allowed_from > now(), true) as is_closed
  )
  select coalesce(array_agg(a.id) filter (where a.is_closed), '{}') into v_closed from asked a;
  perform private.hold_until_open(v_closed);
end;
$$;
comment on function private.ask_again(uuid[]) is
  'Jobs written a while ago: the recipient''s zone, the rules or the organization''s choice may have changed since. What may not go now is held; the caller holds the threads';

create function private.hold_until_tomorrow(p_job_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.delete_from_queues(p_job_ids);
  update public.message_jobs j
  set status = 'held', hold_reason = 'limit', is_head = false, queue_message_id = null, window_until = clock_timestamp(),
    due_at = least(
      (private.carrier_day(clock_timestamp()) + 1)::timestamp at time zone 'America/Los_Angeles', j.send_before
    )
  where j.id = any (p_job_ids);
  perform private.show_messages(p_job_ids, 'held');
end;
$$;
comment on function private.hold_until_tomorrow(uuid[]) is
  'The number or account has used up its day: back until carriers count anew; the caller holds the threads';

create function private.promote_due(p_limit integer) returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_due uuid[] := array(
    select j.id from public.message_jobs j
    -- Asked once: compared with the function itself, every job that waits would be looked at.
    where j.status in ('scheduled', 'held') and j.due_at <= (select clock_timestamp())
    order by j.due_at, j.position limit p_limit
  );
  v_threads uuid[];
  v_promoted uuid[];
begin
  if cardinality(v_due) = 0 then
    return 0;
  end if;
  v_threads := array(
    select t.id from public.threads t
    where t.id in (select j.thread_id from public.message_jobs j where j.id = any (v_due))
    for no key update skip locked
  );
  perform private.end_jobs(array(
    select (j.id, 'failed', 'failed', null, null, 'TL116', 'Not sent: it was too late')::private.settlement
    from public.message_jobs j
    where j.id = any (v_due) and j.thread_id = any (v_threads) and j.status in ('scheduled', 'held')
      and j.send_before <= clock_timestamp()
  ));
  perform private.ask_again(array(
    select j.id from public.message_jobs j
    where j.id = any (v_due) and j.thread_id = any (v_threads) and j.status in ('scheduled', 'held')
  ));
  with due as materialized (
    select d.id, nextval('private.job_positions') as position from (
      select j.id from public.message_jobs j
      where j.id = any (v_due) and j.thread_id = any (v_threads)
        and j.status in ('scheduled', 'held') and j.due_at <= clock_timestamp()
      order by j.due_at, j.position
    ) d
  ), promoted as (
    update public.message_jobs j set status = 'queued', hold_reason = null, position = d.position
    from due d where j.id = d.id
    returning j.id
  )
  select array_agg(p.id) into v_promoted from promoted p;
  perform private.show_messages(v_promoted, 'queued');
  perform private.enter_threads(v_promoted);
  perform private.admit(array(select distinct j.phone_number_id from public.message_jobs j where j.id = any (v_promoted)));
  return coalesce(cardinality(v_promoted), 0);
end;
$$;
comment on function private.promote_due(integer) is
  'Takes up what is due by the database''s clock, in the order it became due, without waiting for anybody';

create function private.set_aside(p_entries private.judged_entry[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_threads uuid[];
begin
  perform pgmq.delete(d.queue_name::text, d.ids::bigint[]) from (
    select e.queue_name, array_agg(e.queue_message_id) as ids from unnest(p_entries) e
    where e.verdict = 'stale' group by e.queue_name
  ) d;
  v_threads := array(
    select t.id from public.threads t
    where t.id in (
      select e.thread_id from unnest(p_entries) e where e.verdict in ('expired', 'opted_out', 'inactive', 'closed', 'capped')
    )
    for no key update skip locked
  );
  perform pgmq.set_vt(e.queue_name::text, e.queue_message_id::bigint, d.seconds)
  from (
    select v.*, row_number() over (partition by v.provider_account_id, v.verdict order by v.queue_message_id) as line
    from unnest(p_entries) v
  ) e
  cross join lateral (
    select case
      when e.verdict in ('paced', 'paused') then least(greatest(1, floor(extract(epoch from e.delay))), 60)
      when e.verdict = 'elder' then 2
      -- So many would find no free line within a second: they need not be read again and again until then.
      when e.verdict = 'crowded' and e.line > 100 then 1
      -- What somebody else holds, or what finds no free line, is judged anew with the next claim.
      else 0
    end::integer as seconds
  ) d
  where e.verdict in ('busy', 'paced', 'paused', 'crowded', 'elder')
    or (e.verdict in ('expired', 'opted_out', 'inactive', 'closed', 'capped') and e.thread_id <> all (v_threads));
  perform private.hold_until_open(array(
    select e.job_id from unnest(p_entries) e where e.verdict = 'closed' and e.thread_id = any (v_threads)
  ));
  perform private.hold_until_tomorrow(array(
    select e.job_id from unnest(p_entries) e where e.verdict = 'capped' and e.thread_id = any (v_threads)
  ));
  perform private.end_jobs(array(
    select (e.job_id, r.status, r.status, null, null, r.code, r.text)::private.settlement
    from unnest(p_entries) e
    join (values
      ('opted_out', 'blocked', 'TL103', 'Not sent: this person has opted out'),
      ('inactive', 'blocked', 'TL104', 'Not sent: our number is not active'),
      ('expired', 'failed', 'TL116', 'Not sent: it was too late')
    ) as r (verdict, status, code, text) on r.verdict = e.verdict
    where e.thread_id = any (v_threads)
  ));
  perform private.advance_threads(v_threads);
end;
$$;
comment on function private.set_aside(private.judged_entry[]) is
  'Deals with every entry that must not be sent now, without waiting for anybody';

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

create function worker.claim(p_worker_id text, p_limit integer, p_lease_seconds integer) returns setof jsonb
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
  v_judged private.judged_entry[];
  v_stranded uuid[];
  v_written jsonb;
begin
  perform private.promote_due(500);
  v_judged := private.read_entries(p_limit, p_lease_seconds);
  if cardinality(v_judged) < p_limit then
    v_stranded := array(select n from private.stranded_numbers() n);
    if private.admit(v_stranded) > 0 then
      v_judged := v_judged || private.read_entries(p_limit - cardinality(v_judged), p_lease_seconds);
    end if;
  end if;
  if cardinality(v_judged) = 0 then
    return;
  end if;
  v_judged := private.pace(v_judged, p_limit);
  v_written := (
    select coalesce(jsonb_object_agg(w.job_id, w.message_id), '{}')
    from private.write_messages(array(select v.job_id from unnest(v_judged) v where v.verdict = 'send')) w
  );
  return query select * from private.begin_attempts(
    p_worker_id, array(select v from unnest(v_judged) v where v.verdict = 'send'), v_written, p_lease_seconds
  );
  perform private.set_aside(array(select v from unnest(v_judged) v where v.verdict <> 'send'));
end;
$$;
comment on function worker.claim(text, integer, integer) is
  'Hands out up to p_limit jobs for p_lease_seconds, each with a committed send attempt; at most one per thread at a time';

create function private.template_of_job(p_template_version_id uuid, p_variables jsonb) returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('body', v.body, 'variables', coalesce(p_variables, '{}'))
    from public.template_versions v where v.id = p_template_version_id
  );
end;
$$;
comment on function private.template_of_job(uuid, jsonb) is 'What the worker needs to render a job''s words';

create function private.begin_attempts(
  p_worker_id text, p_judged private.judged_entry[], p_written jsonb, p_lease_seconds integer
) returns setof jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  -- Looked up by job rather than joined: the planner takes every array for ten rows and would compare each with each.
  v_delays constant jsonb := (
    select coalesce(jsonb_object_agg(v.job_id, extract(epoch from v.delay)), '{}') from unnest(p_judged) v
    where v.verdict = 'send'
  );
begin
  return query
  with attempts as (
    insert into public.send_attempts (
      organization_id, job_id, message_id, provider_account_id, sender, recipient, body_sha256, send_at, worker_id,
      lease_expires_at
    )
    select j.organization_id, j.id, coalesce(j.message_id, (p_written ->> j.id::text)::uuid), n.provider_account_id, n.phone_number, j.recipient,
      sha256(convert_to(j.body, 'UTF8')), j.carrier_at, p_worker_id,
      clock_timestamp() + v.delay + make_interval(secs => p_lease_seconds)
    from unnest(p_judged) v
    join public.message_jobs j on j.id = v.job_id
    join public.phone_numbers n on n.id = j.phone_number_id
    on conflict (job_id) where state in ('submitting', 'accepted', 'unknown', 'unconfirmed') do nothing
    returning *
  ), claimed as (
    update public.message_jobs j set status = 'processing', message_id = a.message_id
    from attempts a where j.id = a.job_id
    returning j.*, a.id as attempt_id, a.sender, a.provider_account_id
  ), kept as (
    -- Lost its slot to another claim at the last moment: the message stays and goes later.
    update public.message_jobs j set message_id = w.value::uuid
    from jsonb_each_text(p_written) w
    where j.id = w.key::uuid and w.key::uuid not in (select a.job_id from attempts a)
  )
  select jsonb_build_object(
    'job_id', c.id, 'attempt_id', c.attempt_id, 'message_id', c.message_id, 'organization_id', c.organization_id,
    'thread_id', c.thread_id, 'provider_account_id', p.id, 'provider', p.provider, 'account_ref', p.account_ref,
    'credentials_ref', p.credentials_ref, 'from', c.sender, 'to', c.recipient, 'body', c.body,
    'template', case when c.body is null then private.template_of_job(c.template_version_id, c.variables) end, 'message_class', c.message_class,
    'messaging_service_sid', n.messaging_service_ref, 'media_paths', (
      select coalesce(jsonb_agg(d.storage_path order by d.position), '[]') from public.message_media d
      where d.message_id = c.message_id and d.storage_path is not null
    ),
    'retry_count', c.retry_count, 'queue', c.queue_name, 'enqueued_at', c.created_at, 'due_at', c.due_at,
    'is_probe', p.pause_reason is not null, 'schedule_at', c.carrier_at,
    'send_after_ms', ceil((v_delays ->> c.id::text)::numeric * 1000)::integer
  )
  from claimed c
  join public.provider_accounts p on p.id = c.provider_account_id
  join public.phone_numbers n on n.id = c.phone_number_id
  order by (v_delays ->> c.id::text)::numeric, c.queue_name, c.queue_message_id;
end;
$$;
comment on function private.begin_attempts(text, private.judged_entry[], jsonb, integer) is
  'Writes the attempts of what may be sent and describes each to the worker';

create function worker.freeze(p_worker_id text, p_texts jsonb) returns setof jsonb
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
set enable_seqscan = off -- a plan from when a table was new would read all of it while the connection lives
as $$
declare
  v_attempt_ids uuid[] := array(
    select a.id from jsonb_to_recordset(p_texts) as t (attempt_id uuid, body text)
    join public.send_attempts a on a.id = t.attempt_id
    where a.worker_id = p_worker_id and a.state = 'submitting'
  );
  v_job_ids uuid[] := array(select a.job_id from public.send_attempts a where a.id = any (v_attempt_ids));
begin
  perform private.lock_attempts(v_attempt_ids);
  update public.message_jobs j set body = t.body, segments = private.count_segments(t.body)
  from jsonb_to_recordset(p_texts) as t (attempt_id uuid, body text)
  join public.send_attempts a on a.id = t.attempt_id
  where j.id = a.job_id and j.id = any (v_job_ids) and j.body is null;
  update public.message_jobs j set message_id = w.message_id
  from private.write_messages(v_job_ids) w where j.id = w.job_id;
  return query
    update public.send_attempts a set message_id = j.message_id, body_sha256 = sha256(convert_to(j.body, 'UTF8'))
    from public.message_jobs j
    where j.id = a.job_id and a.id = any (v_attempt_ids)
    returning jsonb_build_object('attempt_id', a.id, 'message_id', a.message_id, 'body', j.body);
end;
$$;
comment on function worker.freeze(text, jsonb) is
  'Rendered texts ([{attempt_id, body}]) become the words of their jobs and messages, once and for all, before the carrier is called';

create function worker.confirm(p_worker_id text, p_attempt_ids uuid[]) returns setof uuid
language sql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  select a.id from public.send_attempts a
  join public.message_jobs j on j.id = a.job_id
  where a.id = any (p_attempt_ids) and a.worker_id = p_worker_id and a.state = 'submitting'
    and a.lease_expires_at > clock_timestamp()
    and (j.send_before is null or j.send_before > clock_timestamp())
    and private.try_share_recipient(j.organization_id, j.recipient)
    and not private.is_opted_out(j.organization_id, j.recipient);
$$;
comment on function worker.confirm(text, uuid[]) is
  'Of attempts that waited for their turn, those that may still go: a STOP beats what has not left yet';
