-- What nobody knows yet: submissions without an answer are looked up in the carrier's log, and what cannot be settled
-- is shown to a person.

alter table public.organizations
  add column resend_unconfirmed text[] not null default '{}'
  check (resend_unconfirmed <@ '{conversational,transactional,marketing,urgent}'::text[]);
comment on column public.organizations.resend_unconfirmed is
  'Message classes whose sends may go out again when nobody can tell whether they arrived; for these a double is better than a loss';

create table public.alerts (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid references public.organizations (id) on delete cascade,
  kind text not null,
  severity text not null check (severity in ('warning', 'critical')),
  subject_id text not null default '',
  details jsonb not null default '{}',
  opened_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  acknowledged_at timestamptz,
  acknowledged_by uuid,
  closed_at timestamptz
);
create unique index alerts_open_key on public.alerts (coalesce(organization_id, '00000000-0000-0000-0000-000000000000'), kind, subject_id)
  where closed_at is null;
create index alerts_organization_idx on public.alerts (organization_id, opened_at desc);
comment on table public.alerts is 'What somebody should look at: opened when a threshold is crossed, closed when it is left; without organization it concerns the operator';
comment on column public.alerts.seen_at is 'When the trouble was last observed';
comment on column public.alerts.acknowledged_at is 'When a person said that they know; what gets worse asks again';
comment on column public.alerts.acknowledged_by is 'auth.users id without a foreign key: the record outlives the account';

alter table public.alerts enable row level security;
create policy alerts_select on public.alerts for select to authenticated
  using (organization_id in (select private.my_admin_organization_ids()));
grant select on public.alerts to authenticated, service_role;

create function private.open_alert(
  p_organization_id uuid, p_kind text, p_severity text, p_subject_id text, p_details jsonb default '{}'
) returns void
language sql volatile
set search_path = ''
as $$
  insert into public.alerts as a (organization_id, kind, severity, subject_id, details)
  values (p_organization_id, p_kind, p_severity, p_subject_id, p_details)
  on conflict (coalesce(organization_id, '00000000-0000-0000-0000-000000000000'), kind, subject_id) where closed_at is null
  do update set seen_at = now(), severity = excluded.severity, details = excluded.details,
    acknowledged_at = case when (a.severity, excluded.severity) <> ('warning', 'critical') then a.acknowledged_at end;
$$;
comment on function private.open_alert(uuid, text, text, text, jsonb) is 'Opens an alert, or renews the open one';

create function private.close_alert(p_organization_id uuid, p_kind text, p_subject_id text) returns void
language sql volatile
set search_path = ''
as $$
  update public.alerts a set closed_at = now()
  where a.organization_id is not distinct from p_organization_id and a.kind = p_kind and a.subject_id = p_subject_id
    and a.closed_at is null;
$$;
comment on function private.close_alert(uuid, text, text) is 'Closes an open alert, if there is one';

create function worker.claim_unknown(p_worker_id text, p_limit integer, p_lease_seconds integer) returns setof jsonb
language sql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  with taken as (
    select a.id from public.send_attempts a
    where a.state = 'unknown' and a.look_up_after <= (select clock_timestamp())
    order by a.look_up_after limit p_limit for no key update skip locked
  ), leased as (
    update public.send_attempts a
    set look_up_after = clock_timestamp() + make_interval(secs => p_lease_seconds), look_ups = a.look_ups + 1
    from taken t where a.id = t.id
    returning a.*
  )
  select jsonb_build_object(
    'attempt_id', l.id, 'job_id', l.job_id, 'organization_id', l.organization_id, 'message_id', l.message_id,
    'provider_account_id', p.id, 'provider', p.provider, 'account_ref', p.account_ref, 'credentials_ref', p.credentials_ref,
    'from', l.sender, 'to', l.recipient, 'body', j.body, 'started_at', l.started_at, 'finished_at', l.finished_at,
    'messaging_service_sid', n.messaging_service_ref, 'look_ups', l.look_ups,
    'known_provider_message_ids', (
      select coalesce(jsonb_agg(o.provider_message_id), '[]') from public.message_jobs k
      join public.send_attempts o on o.job_id = k.id and o.organization_id = k.organization_id
      where k.thread_id = j.thread_id and k.updated_at > l.started_at - interval '1 hour'
        and o.provider_message_id is not null and o.started_at > l.started_at - interval '1 hour'
    )
  )
  from leased l
  join public.message_jobs j on j.id = l.job_id
  join public.phone_numbers n on n.id = j.phone_number_id
  join public.provider_accounts p on p.id = l.provider_account_id;
$$;
comment on function worker.claim_unknown(text, integer, integer) is
  'Attempts of unknown end that it is time to look up in the carrier''s log; they come again after p_lease_seconds';

create function private.next_look_up(p_attempt public.send_attempts) returns timestamptz
language sql stable
set search_path = ''
as $$
  select clock_timestamp() + least(interval '5 minutes', interval '30 seconds' * power(2, least(p_attempt.look_ups, 8)));
$$;
comment on function private.next_look_up(public.send_attempts) is 'A minute, then two, then four, then every five';

create function private.give_up_on(p_attempt public.send_attempts, p_reason text) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_job public.message_jobs;
  v_may_resend boolean;
begin
  update public.send_attempts a set state = 'unconfirmed', look_up_after = null, error_code = p_reason where a.id = p_attempt.id;
  select j.* into v_job from public.message_jobs j where j.id = p_attempt.job_id;
  if v_job.status <> 'unknown' then
    return; -- settled in another way; there is nothing left to ask
  end if;
  select v_job.message_class = any (o.resend_unconfirmed) into v_may_resend
  from public.organizations o where o.id = v_job.organization_id;
  update public.message_jobs j
  set error_details = jsonb_build_object('code', 'unconfirmed', 'reason', p_reason,
    'text', 'The carrier never said whether it took this message. Check before sending again')
  where j.id = v_job.id;
  update public.messages m
  set error_code = 'unconfirmed', error_text = 'The carrier never said whether it took this message. Check before sending again'
  where m.id = v_job.message_id and m.status = 'unknown';
  perform private.open_alert(v_job.organization_id, 'send_unconfirmed', 'warning', v_job.id::text,
    jsonb_build_object('job_id', v_job.id, 'message_id', v_job.message_id, 'reason', p_reason, 'sent_again', v_may_resend));
  if v_may_resend then
    perform private.resend_unknown(v_job, 'policy');
  end if;
end;
$$;
comment on function private.give_up_on(public.send_attempts, text) is
  'Nobody can tell: a person is asked, and where the organization''s policy for the class says so it goes out again';

create function private.resend_unknown(p_job public.message_jobs, p_by text) returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.write_audit(p_job.organization_id, 'unconfirmed_sent_again', 'message_job', p_job.id::text,
    jsonb_build_object('by', p_by));
  return private.enqueue_again(p_job, 'resend:' || p_job.id, null, jsonb_build_object('resend_of', p_job.id));
end;
$$;
comment on function private.resend_unknown(public.message_jobs, text) is 'A new job with the words of one whose end is unknown, with its line in the audit log';

create function worker.resolve_unknown(p_attempt_id uuid, p_result jsonb) returns text
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_attempt public.send_attempts;
  v_status text := coalesce(p_result ->> 'status', 'sent');
begin
  perform private.lock_attempts(array[p_attempt_id]);
  select a.* into v_attempt from public.send_attempts a where a.id = p_attempt_id;
  if v_attempt.state is distinct from 'unknown' then
    return 'settled';
  end if;
  if p_result ->> 'kind' = 'found' then
    update public.send_attempts a
    set state = 'accepted', look_up_after = null, provider_message_id = p_result ->> 'provider_message_id'
    where a.id = p_attempt_id;
    insert into public.message_events (organization_id, message_id, attempt_id, event_key, provider_status)
    values (v_attempt.organization_id, v_attempt.message_id, p_attempt_id, 'look_up:' || p_attempt_id,
      coalesce(p_result ->> 'provider_status', v_status))
    on conflict (message_id, event_key) do nothing;
    v_status := private.landing(v_attempt.send_at, v_status, p_result ->> 'provider_status');
    perform private.settle_jobs(array[(
      v_attempt.job_id, v_status, case v_status when 'at_carrier' then 'scheduled' else v_status end,
      p_result ->> 'provider_message_id', null, p_result ->> 'error_code', p_result ->> 'error_text'
    )::private.settlement]);
    return 'found';
  end if;
  -- An empty log is no proof: a quarter of an hour and several looks, or two that could be ours, and a person decides.
  if p_result ->> 'kind' = 'ambiguous'
    or (p_result ->> 'kind' = 'none' and v_attempt.look_ups >= 3 and v_attempt.started_at < now() - interval '15 minutes')
    or v_attempt.started_at < now() - interval '24 hours' then
    perform private.give_up_on(v_attempt, case when p_result ->> 'kind' = 'ambiguous' then 'several_fit' else 'not_in_log' end);
    return 'unconfirmed';
  end if;
  update public.send_attempts a set look_up_after = private.next_look_up(a) where a.id = p_attempt_id;
  return 'later';
end;
$$;
comment on function worker.resolve_unknown(uuid, jsonb) is
  'The result of a look-up ({kind: found|none|ambiguous|failed, provider_message_id, status, error_code, error_text}); answers found, later, unconfirmed or settled';

create function private.decide_unknown(p_job_id uuid, p_decision text) returns jsonb
language plpgsql volatile
security definer -- jobs have no write grant
set search_path = ''
as $$
declare
  v_job public.message_jobs;
begin
  select j.* into v_job from public.message_jobs j
  where j.id = p_job_id and j.organization_id in (select private.my_admin_organization_ids());
  if v_job.id is null then
    raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
  end if;
  if p_decision not in ('sent', 'not_sent', 'send_again') then
    raise exception using errcode = 'TL002', message = 'The decision is sent, not_sent or send_again';
  end if;
  perform private.lock_threads(private.threads_of_jobs(array[p_job_id]));
  select j.* into v_job from public.message_jobs j where j.id = p_job_id for no key update;
  if v_job.status <> 'unknown' then
    raise exception using errcode = 'TL115', message = 'This job is no longer in doubt';
  end if;
  -- Nobody looks it up any more, and no policy sends again what a person has decided.
  update public.send_attempts a set state = 'unconfirmed', look_up_after = null
  where a.job_id = p_job_id and a.state = 'unknown';
  perform private.close_alert(v_job.organization_id, 'send_unconfirmed', p_job_id::text);
  perform private.write_audit(v_job.organization_id, 'unknown_decided', 'message_job', p_job_id::text,
    jsonb_build_object('decision', p_decision));
  if p_decision = 'sent' then
    perform private.settle_jobs(array[(p_job_id, 'sent', 'sent', null, null, null, null)::private.settlement]);
  else
    perform private.settle_jobs(array[(
      p_job_id, 'failed', 'failed', null, null, 'not_confirmed', 'Marked as not sent'
    )::private.settlement]);
  end if;
  return case when p_decision = 'send_again' then private.resend_unknown(v_job, 'person') else private.job_object((
    select j from public.message_jobs j where j.id = p_job_id
  )) end;
end;
$$;
comment on function private.decide_unknown(uuid, text) is 'A person''s word on a send whose end nobody else could tell';

create function public.decide_unknown(p_job_id uuid, p_decision text) returns jsonb
language sql volatile
set search_path = ''
as $$ select private.decide_unknown(p_job_id, p_decision); $$;
comment on function public.decide_unknown(uuid, text) is
  'sent, not_sent or send_again for a job whose end is unknown; a late report of the carrier still counts. Admins. Errors: TL001, TL002, TL115';

grant execute on function private.decide_unknown(uuid, text), public.decide_unknown(uuid, text) to authenticated;
grant execute on function worker.claim_unknown(text, integer, integer), worker.resolve_unknown(uuid, jsonb) to threadline_worker;
