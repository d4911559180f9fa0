-- Reports that never came: a callback that is lost in an outage must not leave a message "sent" for ever. Some time after
-- its submission the carrier is asked where it stands, a few times within three days.

create function private.uuid_at(p_at timestamptz) returns uuid
language sql immutable
set search_path = ''
as $$
  select (lpad(to_hex((extract(epoch from p_at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid;
$$;
comment on function private.uuid_at(timestamptz) is 'The least UUID of version 7 that private.uuid_v7 gives at this moment';

create table private.missing_reports (
  attempt_id uuid primary key references public.send_attempts (id) on delete cascade,
  provider_account_id uuid not null references public.provider_accounts (id) on delete cascade,
  look_up_after timestamptz not null,
  look_ups smallint not null default 0
);
create index missing_reports_due_idx on private.missing_reports (provider_account_id, look_up_after);
comment on table private.missing_reports is
  'Submissions old enough for a final report of which none has come; their carriers are asked';

create table private.report_watch (
  is_only boolean primary key default true check (is_only),
  passed_id uuid not null default '00000000-0000-0000-0000-000000000000'
);
insert into private.report_watch default values;
comment on table private.report_watch is
  'Up to which attempt reports were looked for. Ids are ordered by time, so that nothing is written when a message is sent, and each is read once';

create function private.note_missing_reports(p_limit integer) returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_from uuid;
  v_until constant uuid := private.uuid_at(clock_timestamp() - interval '15 minutes');
  v_last uuid;
  v_count integer;
begin
  -- Whoever comes first looks, the others go on with their work.
  select w.passed_id into v_from from private.report_watch w for no key update skip locked;
  if v_from is null then
    return 0;
  end if;
  v_from := greatest(v_from, private.uuid_at(clock_timestamp() - interval '3 days'));
  with passed as materialized (
    select a.id, a.job_id, a.provider_account_id, a.state from public.send_attempts a
    where a.id > v_from and a.id < v_until order by a.id limit p_limit
  ), noted as (
    insert into private.missing_reports (attempt_id, provider_account_id, look_up_after)
    select p.id, p.provider_account_id, clock_timestamp()
    from passed p
    -- Few of very many: each job by its key, however the planner likes to join.
    cross join lateral (select j.status from public.message_jobs j where j.id = p.job_id limit 1) j
    -- What nobody knows yet may still turn out to have been sent.
    where p.state in ('submitting', 'accepted', 'unknown', 'unconfirmed') and j.status in ('processing', 'unknown', 'sent')
    on conflict (attempt_id) do nothing
  )
  select count(*), (array_agg(p.id order by p.id desc))[1] into v_count, v_last from passed p;
  update private.report_watch w
  set passed_id = case when v_count < p_limit then greatest(v_from, v_until) else v_last end;
  return v_count;
end;
$$;
comment on function private.note_missing_reports(integer) is
  'Goes through the attempts that have become a quarter of an hour old, and notes those of which no final report came; returns how many it read';

create function private.due_reports(p_limit integer) returns uuid[]
language sql volatile
set search_path = ''
as $$
  with asked as materialized (
    -- A paused account is left alone, and one that has no line to spare has better things to do.
    select a.id from public.provider_accounts a
    where a.status = 'active' and a.pause_reason is null and coalesce(a.paused_until <= (select clock_timestamp()), true)
      and exists (
        select 1 from private.missing_reports m
        where m.provider_account_id = a.id and m.look_up_after <= (select clock_timestamp())
      )
      and private.free_lines(a.id) > 0
    order by random() limit p_limit
  )
  select array(
    select d.attempt_id from asked a
    cross join lateral (
      select m.attempt_id from private.missing_reports m
      where m.provider_account_id = a.id and m.look_up_after <= (select clock_timestamp())
      order by m.look_up_after limit p_limit for no key update skip locked
    ) d
    limit p_limit
  );
$$;
comment on function private.due_reports(integer) is
  'Locks attempts whose carriers may be asked about them now, of accounts in any order, so that none keeps others waiting';

create function worker.claim_missing_reports(p_worker_id text, p_limit integer, p_lease_seconds integer) returns setof jsonb
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_due uuid[];
begin
  for v_step in 1..10 loop
    exit when private.note_missing_reports(2000) < 2000;
  end loop;
  v_due := private.due_reports(p_limit);
  delete from private.missing_reports m
  where m.attempt_id = any (v_due) and not exists (
    select 1 from public.send_attempts a join public.message_jobs j on j.id = a.job_id
    where a.id = m.attempt_id and a.state in ('submitting', 'accepted', 'unknown', 'unconfirmed')
      and j.status in ('processing', 'unknown', 'at_carrier', 'sent')
      and coalesce(a.send_at, a.started_at) > now() - interval '4 days'
  );
  return query
  with leased as (
    update private.missing_reports m set look_up_after = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where m.attempt_id = any (v_due)
    returning m.attempt_id, m.look_ups
  )
  select jsonb_build_object(
    'attempt_id', a.id, 'job_id', a.job_id, 'organization_id', a.organization_id, 'message_id', a.message_id,
    'provider_account_id', p.id, 'provider', p.provider, 'credentials_ref', p.credentials_ref,
    'provider_message_id', a.provider_message_id, 'look_ups', l.look_ups
  )
  from leased l
  join public.send_attempts a on a.id = l.attempt_id
  join public.message_jobs j on j.id = a.job_id
  join public.provider_accounts p on p.id = a.provider_account_id
  where a.state = 'accepted' and a.provider_message_id is not null and j.status = 'sent';
end;
$$;
comment on function worker.claim_missing_reports(text, integer, integer) is
  'Messages that a carrier took and never reported on, to ask it about; they come again after p_lease_seconds';

create function private.next_report_look_up(p_started_at timestamptz, p_look_ups integer) returns timestamptz
language sql stable
set search_path = ''
as $$
  select greatest(
    p_started_at + ('{1 hour,6 hours,1 day,3 days}'::interval[])[p_look_ups], clock_timestamp() + interval '15 minutes'
  )
  where p_look_ups <= 4;
$$;
comment on function private.next_report_look_up(timestamptz, integer) is
  'An hour after the submission, or the time the carrier kept it until, six, a day and three days; null after that: some networks never report';

create function worker.resolve_missing_report(p_attempt_id uuid, p_result jsonb) returns text
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_missing private.missing_reports;
  v_attempt public.send_attempts;
  v_account public.provider_accounts;
  v_next timestamptz;
begin
  select m.* into v_missing from private.missing_reports m where m.attempt_id = p_attempt_id;
  select a.* into v_attempt from public.send_attempts a where a.id = p_attempt_id;
  if v_missing.attempt_id is null or v_attempt.id is null then
    return 'settled';
  end if;
  if p_result ->> 'kind' = 'known' and p_result ->> 'status' in ('delivered', 'undelivered', 'failed', 'cancelled') then
    select p.* into v_account from public.provider_accounts p where p.id = v_attempt.provider_account_id;
    perform private.store_delivery_report(p_result || jsonb_build_object(
      'provider', v_account.provider, 'account_ref', v_account.account_ref, 'attempt_id', p_attempt_id,
      'provider_message_id', v_attempt.provider_message_id,
      'event_key', format('look_up:%s:%s', p_attempt_id, p_result ->> 'provider_status'),
      'details', jsonb_build_object('source', 'look_up')
    ));
    delete from private.missing_reports m where m.attempt_id = p_attempt_id;
    return 'reported';
  end if;
  v_next := case p_result ->> 'kind'
    when 'known' then private.next_report_look_up(
      coalesce(v_attempt.send_at, v_attempt.started_at), v_missing.look_ups + 1
    )
    -- Not a look-up: the carrier did not say. What is too old by then is no longer asked for.
    when 'failed' then clock_timestamp() + greatest(
      interval '15 minutes', make_interval(secs => coalesce((p_result ->> 'retry_after_seconds')::integer, 0))
    )
  end;
  if v_next is null then
    delete from private.missing_reports m where m.attempt_id = p_attempt_id;
    return 'given_up';
  end if;
  update private.missing_reports m
  set look_up_after = v_next, look_ups = m.look_ups + case p_result ->> 'kind' when 'known' then 1 else 0 end
  where m.attempt_id = p_attempt_id;
  return 'later';
end;
$$;
comment on function worker.resolve_missing_report(uuid, jsonb) is
  'Where a carrier says a message stands ({kind: known|gone|failed, status, provider_status, error_code, error_text, retry}); a final status settles it as a delivery report does. Answers reported, later, given_up or settled';

grant execute on function worker.claim_missing_reports(text, integer, integer), worker.resolve_missing_report(uuid, jsonb)
  to threadline_worker;
