-- Second thoughts about jobs: cancel, move, send again, and ask.

create function private.own_jobs(p_organization_id uuid, p_job_ids uuid[]) returns uuid[]
language sql stable
set search_path = ''
as $$
  select array(
    select j.id from public.message_jobs j where j.organization_id = p_organization_id and j.id = any (p_job_ids)
  );
$$;
comment on function private.own_jobs(uuid, uuid[]) is 'Those of the ids that are jobs of this organization';

create function private.cancel_jobs(p_organization_id uuid, p_job_ids uuid[]) returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_own constant uuid[] := private.own_jobs(p_organization_id, p_job_ids);
  v_waiting uuid[];
  v_asked uuid[];
begin
  perform private.lock_threads(private.threads_of_jobs(v_own));
  v_waiting := array(
    select j.id from public.message_jobs j
    where j.id = any (v_own) and j.status in ('scheduled', 'queued', 'held') for no key update
  );
  perform private.settle_jobs(array(
    select (w, 'cancelled', 'cancelled', null, null, 'cancelled', 'Cancelled before it was sent')::private.settlement
    from unnest(v_waiting) w
  ));
  v_asked := private.recall_jobs(v_own, 'cancelled');
  return (
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'job_id', i.id,
      'outcome', case
        when i.id = any (v_waiting) then 'cancelled'
        when i.id = any (v_asked) then 'requested'
        when j.status = 'cancelled' then 'unchanged'
        else 'refused'
      end,
      'status', j.status,
      'code', case when j.id is null then 'TL001' when j.status <> 'cancelled' and j.id <> all (v_asked) then 'TL114' end,
      'message', case
        when j.id is null then 'There is no such job'
        when j.id = any (v_asked) then 'The carrier, where it waits, is asked to cancel it; the status of the job will tell'
        when j.status <> 'cancelled' then 'It is too late to cancel this job'
      end
    )) order by i.place), '[]')
    from unnest(p_job_ids) with ordinality as i (id, place)
    left join public.message_jobs j on j.id = i.id and j.id = any (v_own)
  );
end;
$$;
comment on function private.cancel_jobs(uuid, uuid[]) is 'Cancels what has not left yet, and says of each job whether it did';

create function public.cancel_jobs(p_organization_id uuid, p_job_ids uuid[]) returns jsonb
language sql volatile
security definer -- called with the secret key, which holds no write grants either
set search_path = ''
as $$ select private.cancel_jobs(p_organization_id, p_job_ids); $$;
comment on function public.cancel_jobs(uuid, uuid[]) is
  'Answers [{job_id, outcome: cancelled|requested|unchanged|refused, status, code, message}] in the order asked; requested: it waits at the carrier, who is asked to cancel it';

create function private.plan_move(
  p_job public.message_jobs, p_at timestamptz,
  out due_at timestamptz, out window_until timestamptz, out decision jsonb, out code text, out message text
)
language plpgsql stable
set search_path = ''
as $$
declare
  v_window record;
begin
  select w.*, n.messaging_service_ref, a.provider into v_window
  from public.threads t
  join public.contacts c on c.id = t.contact_id
  join public.phone_numbers n on n.id = p_job.phone_number_id
  join public.provider_accounts a on a.id = n.provider_account_id
  cross join lateral private.allowed_windows(
    p_job.organization_id, array[p_job.recipient], array[c.time_zone], array[p_job.message_class],
    array[greatest(p_at, now())]
  ) w
  where t.id = p_job.thread_id;
  due_at := greatest(p_at, v_window.allowed_from, now());
  window_until := v_window.allowed_until;
  decision := private.window_decision(
    v_window.zones, v_window.found_by, v_window.decisive_zone, v_window.rule_version, v_window.allowed_from,
    v_window.allowed_until
  );
  if p_at is null or p_at > now() + interval '366 days' or v_window.allowed_from is null or p_job.send_before <= due_at then
    code := 'TL112';
    message := private.words_of('TL112');
  elsif p_job.carrier_at is not null then
    message := private.carrier_problem(v_window.provider, v_window.messaging_service_ref, p_at, v_window.allowed_from);
    code := case when message is not null then 'TL118' end;
  end if;
end;
$$;
comment on function private.plan_move(public.message_jobs, timestamptz) is
  'What a job would be at another time; code and message say why it cannot be';

create function private.reschedule_job(p_organization_id uuid, p_job_id uuid, p_scheduled_for timestamptz) returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_job public.message_jobs;
  v_plan record;
begin
  perform private.lock_threads(private.threads_of_jobs(private.own_jobs(p_organization_id, array[p_job_id])));
  select j.* into v_job from public.message_jobs j
  where j.id = p_job_id and j.organization_id = p_organization_id for no key update;
  if v_job.id is null then
    raise exception using errcode = 'TL001', message = 'There is no such job';
  end if;
  if v_job.status not in ('scheduled', 'queued', 'held', 'at_carrier') then
    raise exception using errcode = 'TL114', message = 'It is too late to change this job';
  end if;
  v_plan := private.plan_move(v_job, p_scheduled_for);
  if v_plan.code is not null then
    raise exception using errcode = v_plan.code, message = v_plan.message;
  end if;
  if v_job.status <> 'at_carrier' then
    perform private.move_job(v_job, p_scheduled_for, v_plan.due_at, v_plan.window_until, v_plan.decision);
  elsif cardinality(private.recall_jobs(array[p_job_id], 'rescheduled', p_scheduled_for)) = 0 then
    raise exception using errcode = 'TL114', message = 'The carrier is asked to cancel this job already';
  end if;
  return private.job_object((select j from public.message_jobs j where j.id = p_job_id));
end;
$$;
comment on function private.reschedule_job(uuid, uuid, timestamptz) is
  'Moves a job that has not left yet, or asks the carrier to give it back first; a time past means now';

create function private.move_job(
  p_job public.message_jobs, p_at timestamptz, p_due_at timestamptz, p_window_until timestamptz, p_decision jsonb
) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  -- As when it was enqueued: what is due later than it was asked for waits for the recipient's hours.
  c_status constant text := case
    when p_job.carrier_at is null and p_due_at > greatest(p_at, now()) then 'held' else 'scheduled'
  end;
begin
  perform private.delete_from_queues(array[p_job.id]);
  update public.message_jobs j
  set status = c_status, hold_reason = case c_status when 'held' then 'quiet_hours' end, is_head = false,
    queue_message_id = null, scheduled_for = p_at,
    carrier_at = case when p_job.carrier_at is not null then p_at end,
    due_at = case when p_job.carrier_at is not null then now() else p_due_at end,
    window_until = p_window_until, decision = j.decision || p_decision
  where j.id = p_job.id;
  perform private.show_messages(array[p_job.id], c_status);
  perform private.advance_threads(array[p_job.thread_id]);
  perform private.wake_workers();
end;
$$;
comment on function private.move_job(public.message_jobs, timestamptz, timestamptz, timestamptz, jsonb) is
  'Gives a job another time, here or, where p_job has a carrier_at, at the carrier; the caller holds the thread';

create function private.job_object(p_job public.message_jobs) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'job_id', p_job.id, 'status', p_job.status, 'to', p_job.recipient, 'class', p_job.message_class,
    'priority', p_job.priority, 'scheduled_for', p_job.scheduled_for, 'due_at', coalesce(p_job.carrier_at, p_job.due_at),
    'carrier_at', p_job.carrier_at, 'recall', private.recall_object(p_job.id),
    'send_before', p_job.send_before, 'hold_reason', p_job.hold_reason, 'retry_count', p_job.retry_count,
    'idempotency_key', p_job.idempotency_key, 'message_id', p_job.message_id, 'thread_id', p_job.thread_id,
    'error', p_job.error_details, 'decision', p_job.decision, 'metadata', p_job.metadata,
    'created_at', p_job.created_at, 'updated_at', p_job.updated_at
  ));
$$;
comment on function private.job_object(public.message_jobs) is 'A job as its producer sees it';

create function public.reschedule_job(p_organization_id uuid, p_job_id uuid, p_scheduled_for timestamptz) returns jsonb
language sql volatile
security definer -- called with the secret key, which holds no write grants either
set search_path = ''
as $$ select private.reschedule_job(p_organization_id, p_job_id, p_scheduled_for); $$;
comment on function public.reschedule_job(uuid, uuid, timestamptz) is
  'Moves a job and answers it; one that waits at the carrier moves once the carrier has cancelled it. Errors: TL001, TL112 no such moment, TL114 too late, TL118 the carrier cannot keep it until then';

create function public.job_status(p_organization_id uuid, p_job_ids uuid[]) returns jsonb
language sql stable
security definer -- called with the secret key; one door with the others
set search_path = ''
as $$
  select coalesce(jsonb_agg(
    case when j.id is not null then private.job_object(j) else jsonb_build_object('job_id', i.id, 'code', 'TL001', 'message', 'There is no such job') end
    order by i.place
  ), '[]')
  from unnest(p_job_ids) with ordinality as i (id, place)
  left join public.message_jobs j on j.id = i.id and j.organization_id = p_organization_id;
$$;
comment on function public.job_status(uuid, uuid[]) is 'Each job as it is now, in the order asked; an unknown id answers with code TL001';

create function private.take_off_letters(p_organization_id uuid, p_job_ids uuid[]) returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_letters bigint[];
begin
  with letters as (
    select j.id, (j.error_details ->> 'dead_letter_id')::bigint as letter_id from public.message_jobs j
    where j.organization_id = p_organization_id and j.id = any (p_job_ids) and j.status = 'dead'
      and j.error_details ? 'dead_letter_id'
    order by j.id for no key update
  ), taken as (
    update public.message_jobs j set error_details = j.error_details - 'dead_letter_id'
    from letters l where j.id = l.id
    returning l.letter_id
  )
  select coalesce(array_agg(t.letter_id), '{}') into v_letters from taken t;
  if cardinality(v_letters) = 0 then
    return 0;
  end if;
  perform pgmq.delete('sms_dead_letter'::text, v_letters::bigint[]);
  if not exists (
    select 1 from public.message_jobs j
    where j.organization_id = p_organization_id and j.status = 'dead' and j.error_details ? 'dead_letter_id'
  ) then
    perform private.close_alert(p_organization_id, 'dead_letters', '');
  end if;
  return cardinality(v_letters);
end;
$$;
comment on function private.take_off_letters(uuid, uuid[]) is
  'Dealt with: the letters leave their queue, the jobs stay as the record; returns how many there were';

create function private.retry_failed(p_organization_id uuid, p_job_ids uuid[]) returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_retryable constant uuid[] := array(
    select j.id from public.message_jobs j
    where j.organization_id = p_organization_id and j.id = any (p_job_ids)
      and j.status in ('failed', 'dead', 'undelivered') and j.body is not null
      and not exists (
        -- Once is enough: the second call answers with the first one's job.
        select 1 from public.message_jobs r
        where r.organization_id = j.organization_id and r.idempotency_key = 'retry:' || j.id
      )
    order by j.created_at, j.id
  );
  v_results jsonb := '[]';
  v_answer jsonb;
begin
  if cardinality(v_retryable) > 0 then
    v_results := private.enqueue_jobs(p_organization_id, (
      select jsonb_agg(jsonb_build_object(
        'to', j.recipient, 'from', n.phone_number, 'body', j.body, 'class', j.message_class,
        'priority', j.priority::text, 'idempotency_key', 'retry:' || j.id, 'dedupe_window_seconds', 0,
        'max_retries', j.max_retries::text, 'metadata', j.metadata || jsonb_build_object('retry_of', j.id)
      ) order by r.place)
      from unnest(v_retryable) with ordinality as r (id, place)
      join public.message_jobs j on j.id = r.id
      join public.phone_numbers n on n.id = j.phone_number_id
    ));
  end if;
  v_answer := (
    select coalesce(jsonb_agg(
      case
        when r.place is not null then (v_results -> (r.place - 1)::integer) || jsonb_build_object('retry_of', i.id, 'index', i.place - 1)
        when o.id is not null then jsonb_build_object(
          'index', i.place - 1, 'retry_of', i.id, 'outcome', 'duplicate', 'job_id', o.id, 'status', o.status
        )
        else jsonb_build_object(
          'index', i.place - 1, 'retry_of', i.id, 'outcome', 'refused', 'code', 'TL115',
          'message', 'Only a job that failed for good can be sent again'
        )
      end order by i.place
    ), '[]')
    from unnest(p_job_ids) with ordinality as i (id, place)
    left join unnest(v_retryable) with ordinality as r (id, place) on r.id = i.id
    left join public.message_jobs o
      on r.id is null and o.organization_id = p_organization_id and o.idempotency_key = 'retry:' || i.id
  );
  perform private.take_off_letters(p_organization_id, array(
    select (a ->> 'retry_of')::uuid from jsonb_array_elements(v_answer) a where a ->> 'outcome' <> 'refused'
  ));
  return v_answer;
end;
$$;
comment on function private.retry_failed(uuid, uuid[]) is
  'Sends again what failed for good: a new job with a new message, so that the failed one stays as it was';

create function public.retry_failed(p_organization_id uuid, p_job_ids uuid[]) returns jsonb
language sql volatile
security definer -- called with the secret key, which holds no write grants either
set search_path = ''
as $$ select private.retry_failed(p_organization_id, p_job_ids); $$;
comment on function public.retry_failed(uuid, uuid[]) is
  'A new job for each failed, undelivered or dead one; answers like enqueue_batch, with retry_of. Errors: none, each job has its own outcome';

create function private.replay_dead_letters(p_organization_id uuid, p_job_ids uuid[]) returns jsonb
language plpgsql volatile
security definer -- jobs have no write grant
set search_path = ''
as $$
declare
  v_results jsonb;
begin
  perform private.require_admin(p_organization_id);
  v_results := private.retry_failed(p_organization_id, p_job_ids);
  perform private.write_audit(p_organization_id, 'dead_letters_replayed', 'message_job', array_to_string(p_job_ids[1:20], ','),
    jsonb_build_object('count', cardinality(p_job_ids)));
  return v_results;
end;
$$;
comment on function private.replay_dead_letters(uuid, uuid[]) is 'retry_failed for an admin, with its line in the audit log';

create function public.replay_dead_letters(p_organization_id uuid, p_job_ids uuid[]) returns jsonb
language sql volatile
set search_path = ''
as $$ select private.replay_dead_letters(p_organization_id, p_job_ids); $$;
comment on function public.replay_dead_letters(uuid, uuid[]) is 'Sends jobs again whose retries were used up, one or many. Admins. Errors: TL001';

create function private.attempts_of(p_organization_id uuid, p_job_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'attempt_id', a.id, 'state', a.state, 'started_at', a.started_at, 'finished_at', a.finished_at,
    'http_status', a.http_status, 'error_code', a.error_code, 'error_message', a.error_message,
    'look_ups', a.look_ups, 'look_up_after', a.look_up_after
  ) order by a.started_at), '[]')
  from public.send_attempts a where a.organization_id = p_organization_id and a.job_id = p_job_id;
$$;
comment on function private.attempts_of(uuid, uuid) is 'Everything that was tried for a job, in order';

create function private.dead_letters(
  p_organization_id uuid, p_before timestamptz, p_before_id uuid, p_code text, p_limit integer
) returns jsonb
language plpgsql stable
security definer -- one door for admins, with the letter and its attempts
set search_path = ''
as $$
begin
  perform private.require_admin(p_organization_id);
  return (
    select coalesce(jsonb_agg(private.job_object(d.job) || jsonb_build_object(
      'body', (d.job).body, 'contact_name', c.name, 'from', n.phone_number,
      'attempts', private.attempts_of(p_organization_id, (d.job).id)
    ) order by (d.job).updated_at desc, (d.job).id desc), '[]')
    from (
      select j as job from public.message_jobs j
      where j.organization_id = p_organization_id and j.status = 'dead' and j.error_details ? 'dead_letter_id'
        and (p_before is null or (j.updated_at, j.id) < (p_before, coalesce(p_before_id, '00000000-0000-0000-0000-000000000000')))
        and (p_code is null or coalesce(j.error_details ->> 'code', '') = p_code)
      order by j.updated_at desc, j.id desc limit least(greatest(p_limit, 1), 200)
    ) d
    join public.threads t on t.id = (d.job).thread_id
    join public.contacts c on c.id = t.contact_id
    join public.phone_numbers n on n.id = (d.job).phone_number_id
  );
end;
$$;
comment on function private.dead_letters(uuid, timestamptz, uuid, text, integer) is
  'Jobs whose retries were used up and that nobody dealt with, newest first, with everything tried';

create function public.dead_letters(
  p_organization_id uuid, p_before timestamptz default null, p_before_id uuid default null, p_code text default null,
  p_limit integer default 50
) returns jsonb
language sql stable
set search_path = ''
as $$ select private.dead_letters(p_organization_id, p_before, p_before_id, p_code, p_limit); $$;
comment on function public.dead_letters(uuid, timestamptz, uuid, text, integer) is
  'Jobs whose retries were used up, newest first, each with its attempts, all or those of one error code; page by updated_at and job_id of the last. Admins. Errors: TL001';

grant execute on function
  public.cancel_jobs(uuid, uuid[]), public.reschedule_job(uuid, uuid, timestamptz), public.job_status(uuid, uuid[]),
  public.retry_failed(uuid, uuid[])
to service_role;
grant execute on function
  private.replay_dead_letters(uuid, uuid[]), public.replay_dead_letters(uuid, uuid[]),
  private.dead_letters(uuid, timestamptz, uuid, text, integer), public.dead_letters(uuid, timestamptz, uuid, text, integer)
to authenticated;
