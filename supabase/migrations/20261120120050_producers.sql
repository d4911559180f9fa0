-- What programs call to have texts sent: what is accepted is written and queued in the same transaction, and each job of
-- a call has its answer. packages/client wraps these functions.

create function private.open_threads(p_organization_id uuid, p_drafts private.draft[]) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- Only who is new: to write what is there would wait for whoever is just changing it, and so out of the order of
  -- private.lock_threads.
  insert into public.contacts (organization_id, phone_number)
  select distinct p_organization_id, d.recipient from unnest(p_drafts) d
  where not exists (
    select 1 from public.contacts o where o.organization_id = p_organization_id and o.phone_number = d.recipient
  )
  order by d.recipient
  on conflict (organization_id, phone_number) do nothing;
  insert into public.threads (organization_id, contact_id, phone_number_id, last_message_at)
  select distinct p_organization_id, c.id, d.phone_number_id, '-infinity'::timestamptz from unnest(p_drafts) d
  -- Limited, as in judge_jobs, so that each is looked up by its key.
  cross join lateral (
    select o.id from public.contacts o
    where o.organization_id = p_organization_id and o.phone_number = d.recipient limit 1
  ) c
  where not exists (
    select 1 from public.threads t where t.contact_id = c.id and t.phone_number_id = d.phone_number_id
  )
  order by c.id, d.phone_number_id
  on conflict (contact_id, phone_number_id) do nothing;
  perform private.lock_threads(array(
    select t.id from unnest(p_drafts) d
    -- Limited, as in judge_jobs, so that each is looked up by its key.
    cross join lateral (
      select t.id from public.contacts c
      join public.threads t on t.contact_id = c.id and t.phone_number_id = d.phone_number_id
      where c.organization_id = p_organization_id and c.phone_number = d.recipient limit 1
    ) t
  ));
end;
$$;
comment on function private.open_threads(uuid, private.draft[]) is
  'Contacts and threads of drafts, made where there are none, and the threads locked: the same content has the same thread, so two calls with it go one after the other';

create function private.compare_drafts(p_organization_id uuid, p_drafts private.draft[]) returns setof private.draft
language sql stable rows 1
set search_path = ''
as $$
  select (jsonb_populate_record(d, case
    when k.id is null then jsonb_build_object('outcome', 'refused', 'code', 'TL113', 'message', private.words_of('TL113'))
    when k.content_key = d.content_key then jsonb_build_object('outcome', 'duplicate', 'job_id', k.id)
    else jsonb_build_object('outcome', 'refused', 'code', 'TL105', 'message', private.words_of('TL105'))
  end)).*
  from unnest(p_drafts) d
  left join lateral (
    select o.id, o.content_key from public.message_jobs o
    where o.organization_id = p_organization_id and o.idempotency_key = d.idempotency_key limit 1
  ) k on true
  where k.id is not null
    or d.dedupe_seconds > 0 and private.is_repeated(p_organization_id, d.content_key, d.dedupe_seconds);
$$;
comment on function private.compare_drafts(uuid, private.draft[]) is
  'Of drafts that were judged acceptable, those that another call has overtaken since, with their new verdict';

create function private.insert_jobs(p_organization_id uuid, p_drafts private.draft[]) returns uuid[]
language plpgsql volatile
set search_path = ''
as $$
declare
  v_written uuid[];
begin
  with placed as materialized (
    select d.*, t.id as thread_id, s.status,
      -- The first of its thread in this call, where nobody of an earlier call is before it.
      s.status = 'queued' and row_number() over (partition by t.id, s.status order by d.place) = 1
        and not private.has_elder(t.id, 9223372036854775807) as is_head
    from (
      -- Before the window, which sorts by thread: whoever is named first in a call goes first.
      select g.*, nextval('private.job_positions') as position from (select * from unnest(p_drafts) order by place) g
    ) d
    -- Limited, as in judge_jobs, so that each is looked up by its key.
    cross join lateral (
      select t.id from public.contacts c
      join public.threads t on t.contact_id = c.id and t.phone_number_id = d.phone_number_id
      where c.organization_id = p_organization_id and c.phone_number = d.recipient limit 1
    ) t
    cross join lateral (
      select case
        when d.due_at <= clock_timestamp() then 'queued' when d.due_at > d.scheduled_for then 'held' else 'scheduled'
      end as status
    ) s
  ), written as (
    insert into public.message_jobs (
      id, organization_id, thread_id, phone_number_id, recipient, message_class, priority, body, template_version_id,
      variables, segments, status, hold_reason, scheduled_for, due_at, send_before, window_until, decision, max_retries,
      idempotency_key, content_key, metadata, position, is_head, carrier_at, queue_name
    )
    select p.job_id, p_organization_id, p.thread_id, p.phone_number_id, p.recipient, p.message_class, p.priority, p.body,
      p.template_version_id, p.variables, p.segments, p.status, case when p.status = 'held' then 'quiet_hours' end,
      p.scheduled_for, p.due_at, p.send_before, p.window_until, p.decision, p.max_retries, p.idempotency_key,
      p.content_key, p.metadata, p.position, p.is_head, p.carrier_at,
      case when p.priority > 5 then 'sms_priority_queue' else 'sms_queue' end
    from placed p
    -- By key, so that two calls with the same keys in another order do not wait for each other in a circle.
    order by p.idempotency_key, p.position
    on conflict (idempotency_key, organization_id) where idempotency_key is not null do nothing
    returning id, content_key
  ), marked as (
    insert into private.accepted_contents (organization_id, content_key, job_id)
    select p_organization_id, w.content_key, w.id from written w where w.content_key is not null
  )
  select array_agg(w.id) into v_written from written w;
  return coalesce(v_written, '{}');
end;
$$;
comment on function private.insert_jobs(uuid, private.draft[]) is
  'Rows of jobs whose threads are locked; returns the ids of those written, without those whose key another call has just taken';

create function private.write_drafts(p_organization_id uuid, p_drafts private.draft[]) returns private.draft[]
language plpgsql volatile
set search_path = ''
as $$
declare
  v_overtaken private.draft[];
  v_left private.draft[] := p_drafts;
  v_written uuid[];
begin
  if cardinality(p_drafts) = 0 then
    return '{}';
  end if;
  perform private.open_threads(p_organization_id, p_drafts);
  -- A statement of its own: it sees what was committed while the threads were waited for.
  v_overtaken := array(select o from private.compare_drafts(p_organization_id, p_drafts) o);
  if cardinality(v_overtaken) > 0 then
    v_left := array(
      select d from unnest(p_drafts) d where d.place not in (select o.place from unnest(v_overtaken) o) order by d.place
    );
  end if;
  v_written := private.insert_jobs(p_organization_id, v_left);
  if cardinality(v_written) < cardinality(v_left) then
    v_overtaken := v_overtaken || array(select o from private.compare_drafts(p_organization_id, array(
      select d from unnest(v_left) d where d.job_id <> all (v_written)
    )) o);
    perform private.enter_threads(v_written);
  end if;
  perform private.admit(array(select distinct d.phone_number_id from unnest(v_left) d));
  perform private.wake_workers();
  return v_overtaken;
end;
$$;
comment on function private.write_drafts(uuid, private.draft[]) is
  'Contacts, threads and jobs of accepted drafts; what is due enters its thread and its queue. Returns those that another call has overtaken, with their new verdict';

create function private.enqueue_jobs(p_organization_id uuid, p_jobs jsonb) returns jsonb
language plpgsql volatile
set search_path = ''
set plan_cache_mode = force_generic_plan -- for one job planning costs ten times what running does
set enable_seqscan = off -- a plan from when a table was new would read all of it while the connection lives
as $$
declare
  v_drafts private.draft[];
  v_overtaken private.draft[];
begin
  if not exists (select 1 from public.organizations o where o.id = p_organization_id) then
    raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
  end if;
  if jsonb_typeof(p_jobs) is distinct from 'array' or jsonb_array_length(p_jobs) not between 1 and 10000 then
    raise exception using errcode = 'TL002', message = 'A call takes an array of 1 to 10,000 jobs';
  end if;
  v_drafts := array(select d from private.judge_jobs(p_organization_id, p_jobs) d);
  v_overtaken := private.write_drafts(
    p_organization_id, array(select d from unnest(v_drafts) d where d.outcome = 'accepted' order by d.place)
  );
  if cardinality(v_overtaken) > 0 then
    v_drafts := array(
      select d from unnest(v_drafts) d where d.place not in (select o.place from unnest(v_overtaken) o)
    ) || v_overtaken;
  end if;
  return private.answer_drafts(v_drafts);
end;
$$;
comment on function private.enqueue_jobs(uuid, jsonb) is 'Judges, writes and answers; results in the order of the jobs';

create function private.answer_drafts(p_drafts private.draft[]) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    'index', d.place, 'outcome', case when a.is_answered then d.outcome else 'refused' end, 'job_id', j.id,
    'status', j.status, 'due_at', coalesce(j.carrier_at, j.due_at), 'hold_reason', j.hold_reason,
    'code', case when a.is_answered then d.code else 'TL105' end,
    'message', case when a.is_answered then d.message else private.words_of('TL105') end, 'details', d.details
  )) order by d.place)
  from (
    select p.place, p.outcome, p.code, p.message, p.details, case
      when p.outcome = 'accepted' then p.job_id
      -- Twice in one call: the second answers with the first, or with whose job overtook that.
      when p.outcome = 'duplicate' then first_value(p.job_id) over (
        partition by p.idempotency_key, p.outcome = 'refused' order by p.place
      )
    end as job_id
    from unnest(p_drafts) p
  ) d
  left join public.message_jobs j on j.id = d.job_id
  -- The first of a key may have lost it to another call and other words; then so has the second.
  cross join lateral (select d.outcome = 'refused' or j.id is not null as is_answered) a;
$$;
comment on function private.answer_drafts(private.draft[]) is 'What a producer is told of each job of its call';

create function public.enqueue_batch(p_organization_id uuid, p_jobs jsonb) returns jsonb
language sql volatile
security definer -- called with the secret key, which holds no write grants either
set search_path = ''
as $$ select private.enqueue_jobs(p_organization_id, p_jobs); $$;
comment on function public.enqueue_batch(uuid, jsonb) is
  'Up to 10,000 jobs; answers [{index, outcome: accepted|duplicate|refused, job_id, status, due_at, hold_reason, code, message}]. Errors: TL001, TL002';

create function public.enqueue_message(p_organization_id uuid, p_job jsonb) returns jsonb
language sql volatile
security definer -- called with the secret key, which holds no write grants either
set search_path = ''
as $$ select private.enqueue_jobs(p_organization_id, jsonb_build_array(p_job)) -> 0; $$;
comment on function public.enqueue_message(uuid, jsonb) is 'enqueue_batch for one job; answers its one result';

create function public.send_reminder(p_organization_id uuid, p_job jsonb) returns jsonb
language plpgsql volatile
security definer -- called with the secret key, which holds no write grants either
set search_path = ''
as $$
declare
  v_due_at constant timestamptz := (private.try_timestamp(p_job ->> 'due_at')).value;
  v_send_before constant record := private.try_timestamp(p_job ->> 'send_before');
begin
  if v_due_at is null then
    raise exception using errcode = 'TL002', message = 'A reminder needs due_at, an ISO 8601 time with its offset';
  end if;
  return public.enqueue_message(p_organization_id, (p_job - 'due_at') || jsonb_build_object(
    'priority', coalesce(nullif(p_job -> 'priority', 'null'), to_jsonb(case
      when v_due_at < now() + interval '1 hour' then 'urgent'
      when v_due_at < now() + interval '24 hours' then 'high'
      else 'normal'
    end)),
    -- A reminder of what is over helps nobody. What is no time is refused as everywhere.
    'send_before', p_job -> case when v_send_before.value < v_due_at or not v_send_before.is_valid then 'send_before' else 'due_at' end
  ));
end;
$$;
comment on function public.send_reminder(uuid, jsonb) is
  'A job about something that happens at due_at: unless it names a priority urgent within the hour and high within a day, and never later than due_at. Errors: TL001, TL002';

grant execute on function
  public.enqueue_batch(uuid, jsonb), public.enqueue_message(uuid, jsonb), public.send_reminder(uuid, jsonb)
to service_role;
