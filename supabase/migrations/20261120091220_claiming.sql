-- What the worker takes in hand: each job with a committed attempt and its words, and asked about once more before it
-- leaves.

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
  v_job_ids uuid[];
begin
  perform private.lock_attempts(v_attempt_ids);
  -- Only what a sweep has not taken away meanwhile, to hand it to somebody else: whatever is answered here is sent.
  select array_agg(a.id), array_agg(a.job_id) into v_attempt_ids, v_job_ids from public.send_attempts a
  where a.id = any (v_attempt_ids) and a.state = 'submitting';
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
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_free constant uuid[] := array(
    select a.id from public.send_attempts a
    where a.id = any (p_attempt_ids) and a.worker_id = p_worker_id
      and private.try_share_recipient(a.organization_id, a.recipient)
  );
begin
  -- A statement of its own: it sees the STOP that was written just before the recipient was shared.
  return query
    select a.id from public.send_attempts a
    join public.message_jobs j on j.id = a.job_id
    where a.id = any (v_free) and a.state = 'submitting' and a.lease_expires_at > clock_timestamp()
      and (j.send_before is null or j.send_before > clock_timestamp())
      and not private.is_opted_out(j.organization_id, j.recipient);
end;
$$;
comment on function worker.confirm(text, uuid[]) is
  'Of attempts that waited for their turn, those that may still go: a STOP beats what has not left yet';
