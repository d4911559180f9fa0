-- What waits at a carrier until its time, and the wishes to have it back: each is written with whatever caused it.

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

create function private.share_numbers(p_thread_ids uuid[]) returns void
language sql volatile
set search_path = ''
as $$
  select 1 from public.phone_numbers n
  where n.id in (select t.phone_number_id from public.threads t where t.id = any (p_thread_ids)) order by n.id for share;
$$;
comment on function private.share_numbers(uuid[]) is
  'Waits for whoever is just switching a number of these threads off, and keeps others from it. That writes recalls while it has the number: numbers are shared before a recall or a job is locked';

create function private.arrive_at_carrier(p_job_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if cardinality(p_job_ids) = 0 then
    return;
  end if;
  -- The statements after it see what came of a number that was being switched off.
  perform private.share_numbers(private.threads_of_jobs(p_job_ids));
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
  order by a.id
  on conflict (attempt_id) do nothing;
  update public.messages m set status = 'scheduled', carrier_holds_until = a.send_at
  from public.message_jobs j join public.send_attempts a on a.job_id = j.id and a.state = 'accepted'
  where j.id = any (p_job_ids) and j.status = 'at_carrier' and m.id = j.message_id
    and m.status in ('scheduled', 'queued', 'held', 'unknown');
  perform private.recall_jobs(array(
    select j.id from public.message_jobs j
    where j.id = any (p_job_ids) and private.is_opted_out(j.organization_id, j.recipient)
  ), 'opted_out');
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
