-- A worker carries the wishes to the carrier, and what comes of each moves its job. Nothing goes out again before the
-- carrier has given it back.

create function worker.claim_recalls(p_worker_id text, p_limit integer, p_lease_seconds integer) returns setof jsonb
language sql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  with taken as (
    select r.id from public.carrier_recalls r
    where r.state = 'wanted' and r.try_after <= (select clock_timestamp())
    order by r.try_after limit p_limit for no key update skip locked
  ), leased as (
    update public.carrier_recalls r
    set try_after = clock_timestamp() + make_interval(secs => p_lease_seconds), tries = r.tries + 1, worker_id = p_worker_id
    from taken t where r.id = t.id
    returning r.*
  )
  select jsonb_build_object(
    'recall_id', l.id, 'reason', l.reason, 'tries', l.tries, 'job_id', l.job_id, 'attempt_id', l.attempt_id,
    'organization_id', l.organization_id, 'message_id', a.message_id, 'provider_account_id', p.id, 'provider', p.provider,
    'credentials_ref', p.credentials_ref, 'provider_message_id', a.provider_message_id
  )
  from leased l
  join public.send_attempts a on a.id = l.attempt_id
  join public.provider_accounts p on p.id = a.provider_account_id;
$$;
comment on function worker.claim_recalls(text, integer, integer) is
  'Messages to be cancelled at their carriers now; each comes again after p_lease_seconds unless it was resolved';

create function private.close_recall(p_recall public.carrier_recalls, p_state text, p_result jsonb) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  update public.carrier_recalls r
  set state = p_state, finished_at = clock_timestamp(), provider_status = p_result ->> 'provider_status',
    http_status = (p_result ->> 'http_status')::smallint, error_code = p_result ->> 'error_code'
  where r.id = p_recall.id;
  perform private.note_recall(p_recall, p_state, jsonb_build_object(
    'reason', p_recall.reason, 'move_to', p_recall.move_to, 'tries', p_recall.tries,
    'provider_status', p_result ->> 'provider_status', 'error_code', p_result ->> 'error_code'
  ));
end;
$$;
comment on function private.close_recall(public.carrier_recalls, text, jsonb) is 'Writes what came of a wish';

create function private.confirm_recall(p_recall public.carrier_recalls, p_result jsonb) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_job public.message_jobs;
  v_reasons constant jsonb := jsonb_build_object(
    'opted_out', '["TL103", "Not sent: this person opted out first"]'::jsonb,
    'number_inactive', '["TL104", "Not sent: our number is not active"]'::jsonb,
    'cancelled', '["cancelled", "Cancelled before it was sent"]'::jsonb
  );
begin
  perform private.close_recall(p_recall, 'recalled', p_result);
  -- From here on another attempt may be written.
  update public.send_attempts a set state = 'recalled' where a.id = p_recall.attempt_id and a.state = 'accepted';
  select j.* into v_job from public.message_jobs j where j.id = p_recall.job_id for no key update;
  if v_job.status <> 'at_carrier' then
    return;
  end if;
  if p_recall.reason = 'rescheduled' then
    update public.messages m set provider_message_id = null, carrier_holds_until = null where m.id = v_job.message_id;
    perform private.move_recalled(v_job, p_recall.move_to);
  else
    perform private.settle_jobs(array[(
      v_job.id, 'cancelled', 'cancelled', null, null,
      v_reasons -> p_recall.reason ->> 0, v_reasons -> p_recall.reason ->> 1
    )::private.settlement]);
  end if;
end;
$$;
comment on function private.confirm_recall(public.carrier_recalls, jsonb) is
  'The carrier will not send it, for certain: the job ends, or goes at its other time; the caller holds the thread and the attempt';

create function private.move_recalled(p_job public.message_jobs, p_at timestamptz) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_plan record := private.plan_move(p_job, p_at);
begin
  if v_plan.code is not null then
    -- It was possible when it was asked for. What the carrier cannot keep any more waits here; what may not go at all
    -- ends here, as anything does whose time has passed.
    p_job.carrier_at := null;
    v_plan.due_at := coalesce(v_plan.due_at, p_at, now());
  end if;
  perform private.move_job(p_job, p_at, v_plan.due_at, v_plan.window_until, v_plan.decision || jsonb_build_object(
    'carrier', jsonb_strip_nulls(jsonb_build_object('moved_to', p_at, 'waits_here', v_plan.message))
  ));
end;
$$;
comment on function private.move_recalled(public.message_jobs, timestamptz) is
  'A job that its carrier gave back takes its other time, at the carrier again or, if that cannot be any more, here';

create function private.miss_recall(p_recall public.carrier_recalls, p_status text, p_result jsonb) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.close_recall(p_recall, 'too_late', p_result);
  if p_status not in ('sent', 'delivered', 'undelivered') then
    return; -- it did not go out after all, which is what was wanted
  end if;
  update public.messages m
  set error_code = 'too_late_to_cancel', error_text = 'It was too late to cancel this message: the carrier sent it'
  from public.send_attempts a where a.id = p_recall.attempt_id and m.id = a.message_id;
  perform private.write_audit(p_recall.organization_id, 'recall_too_late', 'message_job', p_recall.job_id::text,
    jsonb_build_object('reason', p_recall.reason, 'asked_at', p_recall.asked_at, 'status', p_status));
  perform private.open_alert(
    p_recall.organization_id, 'recall_too_late',
    case p_recall.reason when 'opted_out' then 'critical' else 'warning' end, p_recall.job_id::text,
    jsonb_build_object('job_id', p_recall.job_id, 'reason', p_recall.reason, 'asked_at', p_recall.asked_at)
  );
end;
$$;
comment on function private.miss_recall(public.carrier_recalls, text, jsonb) is
  'The carrier has sent it, or is about to: on the message, in the audit log and among the alerts';

create function private.doubt_recall(p_recall public.carrier_recalls, p_result jsonb) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  c_text constant text := 'Nobody can tell whether the carrier still sends this message. Check before sending again';
begin
  perform private.close_recall(p_recall, 'unconfirmed', p_result);
  update public.send_attempts a set state = 'unconfirmed' where a.id = p_recall.attempt_id and a.state = 'accepted';
  update public.message_jobs j
  set status = 'unknown',
    error_details = jsonb_build_object('code', 'unconfirmed', 'reason', 'recall_not_confirmed', 'text', c_text)
  where j.id = p_recall.job_id and j.status = 'at_carrier';
  if not found then
    return;
  end if;
  update public.messages m set status = 'unknown', error_code = 'recall_not_confirmed', error_text = c_text
  from public.message_jobs j where j.id = p_recall.job_id and m.id = j.message_id and m.status = 'scheduled';
  perform private.open_alert(p_recall.organization_id, 'send_unconfirmed', 'warning', p_recall.job_id::text,
    jsonb_build_object('job_id', p_recall.job_id, 'reason', 'recall_not_confirmed', 'sent_again', false));
end;
$$;
comment on function private.doubt_recall(public.carrier_recalls, jsonb) is
  'Nobody can tell whether the carrier still has it: a person decides (decide_unknown), and nothing goes again by itself';

create function worker.resolve_recall(p_recall_id uuid, p_result jsonb) returns text
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_recall public.carrier_recalls;
  v_send_at timestamptz;
  v_kind text := coalesce(p_result ->> 'kind', '');
  v_status constant text := coalesce(p_result ->> 'status', 'sent');
begin
  if v_kind not in ('cancelled', 'too_late', 'not_found', 'failed') then
    raise exception using errcode = 'TL002', message = 'A recall ends as cancelled, too_late, not_found or failed';
  end if;
  perform private.lock_attempts(array(select r.attempt_id from public.carrier_recalls r where r.id = p_recall_id));
  select r.* into v_recall from public.carrier_recalls r where r.id = p_recall_id for no key update;
  if v_recall.state is distinct from 'wanted' then
    return 'settled';
  end if;
  select a.send_at into v_send_at from public.send_attempts a where a.id = v_recall.attempt_id;
  -- Refused, and yet it waits, and not only for its last minute: its time to be cancelled is not over.
  if v_kind = 'too_late' and p_result ->> 'provider_status' = 'scheduled' and v_send_at > clock_timestamp() + interval '1 minute' then
    v_kind := 'failed';
  end if;
  if v_kind = 'cancelled' then
    perform private.confirm_recall(v_recall, p_result);
    return 'recalled';
  elsif v_kind = 'too_late' then
    perform private.miss_recall(v_recall, v_status, p_result);
    perform private.settle_jobs(array[(v_recall.job_id, v_status, v_status, null, null, null, null)::private.settlement]);
    return 'too_late';
  elsif v_kind = 'not_found' or v_send_at < clock_timestamp() - interval '24 hours' then
    perform private.doubt_recall(v_recall, p_result);
    return 'unconfirmed';
  end if;
  update public.carrier_recalls r
  set error_code = p_result ->> 'error_code', http_status = (p_result ->> 'http_status')::smallint,
    try_after = clock_timestamp()
      + make_interval(secs => private.retry_delay(r.tries, (p_result ->> 'retry_after_seconds')::integer))
  where r.id = p_recall_id;
  return 'later';
end;
$$;
comment on function worker.resolve_recall(uuid, jsonb) is
  'What the carrier said to a wish ({kind: cancelled|too_late|not_found|failed, status, provider_status, http_status, error_code, retry_after_seconds}); answers recalled, too_late, unconfirmed, later or settled. Errors: TL002';

create function private.report_on_recall(p_attempt public.send_attempts, p_job_status text, p_event jsonb) returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  v_recall public.carrier_recalls;
begin
  if p_job_status = 'at_carrier' then
    return false;
  end if;
  select r.* into v_recall from public.carrier_recalls r
  where r.attempt_id = p_attempt.id and r.state = 'wanted' for no key update;
  if v_recall.id is null then
    return false;
  end if;
  if p_job_status = 'cancelled' then
    perform private.confirm_recall(v_recall, p_event);
    return true;
  end if;
  perform private.miss_recall(v_recall, p_job_status, p_event);
  return false;
end;
$$;
comment on function private.report_on_recall(public.send_attempts, text, jsonb) is
  'A report on a message that is asked for back answers the wish; true when that moved the job already';

create function private.hear_of_recalled(p_attempt public.send_attempts, p_status text) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if p_status is null or p_status not in ('sent', 'delivered', 'undelivered') then
    return; -- that it was cancelled is known
  end if;
  perform private.write_audit(p_attempt.organization_id, 'sent_after_recall', 'message_job', p_attempt.job_id::text,
    jsonb_build_object('attempt_id', p_attempt.id, 'status', p_status));
  perform private.open_alert(p_attempt.organization_id, 'sent_after_recall', 'critical', p_attempt.job_id::text,
    jsonb_build_object('job_id', p_attempt.job_id, 'attempt_id', p_attempt.id, 'status', p_status));
end;
$$;
comment on function private.hear_of_recalled(public.send_attempts, text) is
  'A report on what the carrier had given back changes nothing; that it was sent all the same is for a person to know';

grant execute on function worker.claim_recalls(text, integer, integer), worker.resolve_recall(uuid, jsonb) to threadline_worker;
