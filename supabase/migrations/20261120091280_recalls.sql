-- What waits at a carrier, and how it is taken back: the wish is written with whatever caused it, a worker carries it to
-- the carrier, and what came of it moves the job. Nothing goes out again before the carrier has given it back.

create table public.carrier_recalls (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null,
  job_id uuid not null,
  attempt_id uuid not null,
  reason text not null check (reason in ('rescheduled', 'cancelled', 'number_inactive', 'opted_out')),
  move_to timestamptz,
  state text not null default 'wanted' check (state in ('wanted', 'recalled', 'too_late', 'unconfirmed')),
  tries integer not null default 0,
  try_after timestamptz not null default clock_timestamp(),
  worker_id text,
  provider_status text,
  http_status smallint,
  error_code text,
  asked_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  check ((move_to is not null) = (reason = 'rescheduled')),
  check ((finished_at is null) = (state = 'wanted')),
  foreign key (job_id) references public.message_jobs (id) on delete cascade
);
create unique index carrier_recalls_wanted_key on public.carrier_recalls (attempt_id) where state = 'wanted';
create index carrier_recalls_due_idx on public.carrier_recalls (try_after) where state = 'wanted';
create index carrier_recalls_job_idx on public.carrier_recalls (job_id);
comment on table public.carrier_recalls is 'Wishes to have a message back that waits at a carrier, and what came of each';
comment on column public.carrier_recalls.reason is 'Why; a stronger reason takes the place of a weaker one (private.recall_rank)';
comment on column public.carrier_recalls.move_to is 'When the message is to go instead';
comment on column public.carrier_recalls.try_after is 'When the carrier is asked next; while a worker asks, until when it has the wish to itself';

alter table public.carrier_recalls enable row level security;
create policy carrier_recalls_select on public.carrier_recalls for select to authenticated
  using (organization_id in (select private.my_admin_organization_ids()));
grant select on public.carrier_recalls to authenticated, service_role;

create function private.recall_rank(p_reason text) returns smallint
language sql immutable
set search_path = ''
as $$
  select case p_reason
    when 'rescheduled' then 1 when 'cancelled' then 2 when 'number_inactive' then 3 else 4
  end::smallint;
$$;
comment on function private.recall_rank(text) is 'Who asks to have it back at another time yields to who asks to have it back';

create function private.next_recall_at() returns timestamptz
language sql stable
set search_path = ''
as $$ select min(r.try_after) from public.carrier_recalls r where r.state = 'wanted'; $$;
comment on function private.next_recall_at() is 'When the next wish is to be carried to its carrier; null when there is none';

create function private.recall_object(p_job_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'reason', r.reason, 'state', r.state, 'move_to', r.move_to, 'asked_at', r.asked_at, 'finished_at', r.finished_at,
    'tries', r.tries, 'error_code', r.error_code
  ))
  from public.carrier_recalls r where r.job_id = p_job_id
  order by r.asked_at desc limit 1;
$$;
comment on function private.recall_object(uuid) is 'The last wish to have a job back from its carrier, as its producer sees it';

create function private.note_recall(p_recall public.carrier_recalls, p_what text, p_details jsonb) returns void
language sql volatile
set search_path = ''
as $$
  insert into public.message_events (organization_id, message_id, attempt_id, event_key, provider_status, details)
  select a.organization_id, a.message_id, a.id, 'recall:' || p_recall.id || ':' || p_what, p_what, jsonb_strip_nulls(p_details)
  from public.send_attempts a where a.id = p_recall.attempt_id
  on conflict (message_id, event_key) do nothing;
$$;
comment on function private.note_recall(public.carrier_recalls, text, jsonb) is 'Keeps a step of a recall among the events of its message';

create function private.recall_jobs(p_job_ids uuid[], p_reason text, p_move_to timestamptz default null) returns uuid[]
language plpgsql volatile
set search_path = ''
as $$
declare
  v_recall public.carrier_recalls;
begin
  for v_recall in
    insert into public.carrier_recalls as r (organization_id, job_id, attempt_id, reason, move_to)
    select j.organization_id, j.id, a.id, p_reason, p_move_to
    from public.message_jobs j
    join public.send_attempts a on a.job_id = j.id and a.state = 'accepted'
    where j.id = any (p_job_ids) and j.status = 'at_carrier'
    order by a.id
    on conflict (attempt_id) where state = 'wanted' do update
    set reason = excluded.reason, move_to = excluded.move_to
    where private.recall_rank(excluded.reason) >= private.recall_rank(r.reason)
    returning r.*
  loop
    perform private.note_recall(v_recall, 'recall_wanted', jsonb_build_object('reason', v_recall.reason, 'move_to', v_recall.move_to));
  end loop;
  if found then
    perform private.wake_workers();
  end if;
  return array(
    select r.job_id from public.carrier_recalls r
    where r.job_id = any (p_job_ids) and r.state = 'wanted' and (r.reason = p_reason or p_reason <> 'rescheduled')
  );
end;
$$;
comment on function private.recall_jobs(uuid[], text, timestamptz) is
  'Asks for those of these jobs back that wait at their carrier; returns which are asked for, for this reason or a stronger one';

create function private.arrive_at_carrier(p_job_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if cardinality(p_job_ids) = 0 then
    return;
  end if;
  update public.message_jobs j
  set due_at = a.send_at + interval '15 minutes',
    decision = j.decision || jsonb_build_object('carrier', jsonb_build_object('holds_until', a.send_at))
  from public.send_attempts a
  where j.id = any (p_job_ids) and j.status = 'at_carrier' and a.job_id = j.id and a.state = 'accepted';
  -- Asked about in its turn, should no report come when its time has: by then nobody looks at attempts of today.
  insert into private.missing_reports (attempt_id, provider_account_id, look_up_after)
  select a.id, a.provider_account_id, a.send_at + interval '20 minutes'
  from public.send_attempts a join public.message_jobs j on j.id = a.job_id and j.status = 'at_carrier'
  where a.job_id = any (p_job_ids) and a.state = 'accepted'
  on conflict (attempt_id) do nothing;
  update public.messages m set status = 'scheduled', carrier_holds_until = a.send_at
  from public.message_jobs j join public.send_attempts a on a.job_id = j.id and a.state = 'accepted'
  where j.id = any (p_job_ids) and j.status = 'at_carrier' and m.id = j.message_id
    and m.status in ('scheduled', 'queued', 'held', 'unknown');
  perform private.recall_jobs(array(
    select j.id from public.message_jobs j
    where j.id = any (p_job_ids) and private.is_opted_out(j.organization_id, j.recipient)
  ), 'opted_out');
  -- Waits for whoever is just switching the number off; the next statement sees what came of that.
  perform 1 from public.phone_numbers n
  where n.id in (select j.phone_number_id from public.message_jobs j where j.id = any (p_job_ids)) order by n.id for share;
  perform private.recall_jobs(array(
    select j.id from public.message_jobs j
    join public.phone_numbers n on n.id = j.phone_number_id
    where j.id = any (p_job_ids) and (n.status <> 'active' or n.released_at is not null)
  ), 'number_inactive');
end;
$$;
comment on function private.arrive_at_carrier(uuid[]) is
  'The carrier keeps these from now on: their messages say until when, and those that somebody stopped meanwhile are asked for back at once';

create function private.recall_blocked_recipient() returns trigger
language plpgsql
security definer -- nobody may write carrier_recalls directly
set search_path = ''
as $$
begin
  perform private.recall_jobs(array(
    select j.id from public.message_jobs j
    where j.thread_id = any (private.threads_of_recipient(new.organization_id, new.phone_number)) and j.status = 'at_carrier'
  ), 'opted_out');
  return null;
end;
$$;
comment on function private.recall_blocked_recipient() is
  'A carrier goes on keeping and sends what it has for somebody who opted out: all of it is asked for back, whoever wrote the block';
create trigger dnc_entries_recall after insert or update of sms_blocked on public.dnc_entries
  for each row when (new.sms_blocked) execute function private.recall_blocked_recipient();

create function private.recall_from_number() returns trigger
language plpgsql
security definer -- nobody may write carrier_recalls directly
set search_path = ''
as $$
begin
  perform private.recall_jobs(array(
    select j.id from public.message_jobs j where j.phone_number_id = new.id and j.status = 'at_carrier'
  ), 'number_inactive');
  return null;
end;
$$;
comment on function private.recall_from_number() is 'What a number that is switched off would not send here it shall not send at the carrier';
create trigger phone_numbers_recall after update of status, released_at on public.phone_numbers
  for each row when (new.status <> 'active' or new.released_at is not null) execute function private.recall_from_number();

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
  select r.* into v_recall from public.carrier_recalls r
  where r.attempt_id = p_attempt.id and r.state = 'wanted' for no key update;
  if v_recall.id is null or p_job_status = 'at_carrier' then
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

create function private.past_carrier_time(p_job_ids uuid[] default null, p_limit integer default 500) returns uuid[]
language sql stable
set search_path = ''
as $$
  select array(
    select j.id from public.message_jobs j
    where j.status = 'at_carrier' and j.due_at <= (select clock_timestamp())
      and (p_job_ids is null or j.id = any (p_job_ids))
      -- Whoever wants it back is told by the carrier itself.
      and not exists (select 1 from public.carrier_recalls r where r.job_id = j.id and r.state = 'wanted')
    order by j.due_at limit p_limit
  );
$$;
comment on function private.past_carrier_time(uuid[], integer) is
  'Jobs, of these or of all, that a carrier kept and has said nothing of since their time';

create function private.pass_carrier_times(p_job_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  -- Between the finding and the lock somebody may have taken one back.
  v_passed constant uuid[] := private.past_carrier_time(p_job_ids);
begin
  if cardinality(v_passed) = 0 then
    return;
  end if;
  insert into public.message_events (organization_id, message_id, attempt_id, event_key, provider_status)
  select a.organization_id, a.message_id, a.id, 'carrier_time_passed:' || a.id, 'carrier_time_passed'
  from public.send_attempts a where a.job_id = any (v_passed) and a.state = 'accepted'
  on conflict (message_id, event_key) do nothing;
  perform private.settle_jobs(array(
    select (j, 'sent', 'sent', null, null, null, null)::private.settlement from unnest(v_passed) j
  ));
end;
$$;
comment on function private.pass_carrier_times(uuid[]) is
  'What a carrier kept and has said nothing of since its time: a quarter of an hour later it counts as sent, and its carrier is asked (private.missing_reports). The caller holds the threads';

grant execute on function worker.claim_recalls(text, integer, integer), worker.resolve_recall(uuid, jsonb) to threadline_worker;
