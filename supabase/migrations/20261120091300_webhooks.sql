-- Every verified carrier event is kept first and acted on in the same call.

create table public.webhook_events (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid references public.organizations (id) on delete cascade,
  provider text not null,
  account_ref text not null,
  kind text not null check (kind in ('inbound_message', 'delivery_report')),
  event_key text not null,
  event jsonb not null,
  status text not null default 'received' check (status in ('received', 'processed', 'ignored', 'failed')),
  reason text,
  tries integer not null default 0,
  try_again_at timestamptz,
  needs_person boolean not null generated always as (
    -- The carrier's other message has an alert of its own; to a short code nobody can write back.
    status = 'failed' and try_again_at is null and reason not in ('second_provider_message', 'sender_is_not_a_phone_number')
  ) stored,
  created_at timestamptz not null default now(),
  processed_at timestamptz,
  unique (provider, account_ref, kind, event_key)
);
create index webhook_events_organization_idx on public.webhook_events (organization_id, created_at desc);
create index webhook_events_failed_idx on public.webhook_events (created_at) where needs_person;
-- Without what nobody can be told of: reports of strangers' messages may be many.
create index webhook_events_left_idx on public.webhook_events (organization_id, created_at)
  where needs_person and organization_id is not null;
create index webhook_events_due_idx on public.webhook_events (try_again_at) where try_again_at is not null;
comment on table public.webhook_events is 'What carriers told us, before we understood it; failures stay here and can be replayed';
comment on column public.webhook_events.try_again_at is
  'When workers act on it again, because its failure may pass; null for all others and for what has failed eleven times';
comment on column public.webhook_events.needs_person is
  'True for what failed, is not acted on again by itself, and might succeed once somebody has mended the cause';

alter table public.webhook_events enable row level security;
create policy webhook_events_select on public.webhook_events for select to authenticated
  using (organization_id in (select private.my_admin_organization_ids()));
grant select on public.webhook_events to authenticated, service_role;

create type private.event_result as (outcome text, reason text, retry boolean, organization_id uuid);
comment on type private.event_result is 'outcome processed, duplicate, ignored or failed; retry asks the carrier to come again';

create function private.sole_owner_of_account(p_provider text, p_account_ref text) returns uuid
language sql stable
set search_path = ''
as $$
  select o.ids[1] from (
    select array_agg(a.organization_id) as ids from public.provider_accounts a
    where a.provider = p_provider and a.account_ref = p_account_ref
  ) o
  where cardinality(o.ids) = 1;
$$;
comment on function private.sole_owner_of_account(text, text) is
  'The organization of a carrier account; null when there is none, or when several share it and nobody can say whose an event is';

create function private.number_texted(p_event jsonb, p_asked_at timestamptz) returns public.phone_numbers
language plpgsql stable -- for its plan, which is kept
set search_path = ''
as $$
declare
  v_number public.phone_numbers;
begin
  select n.* into v_number from public.phone_numbers n
  join public.provider_accounts a on a.id = n.provider_account_id
  where n.phone_number = p_event ->> 'to'
    and (n.released_at is null or n.released_at > coalesce(p_asked_at, clock_timestamp()))
    -- Whoever had the number before us got what was sent before. The carrier's times are of whole seconds.
    and (p_event ->> 'sent_at' is null or date_trunc('second', n.created_at) <= p_asked_at)
    and a.provider = p_event ->> 'provider' and a.account_ref = p_event ->> 'account_ref'
  order by n.created_at limit 1;
  return v_number;
end;
$$;
comment on function private.number_texted(jsonb, timestamptz) is
  'The number a text went to, as it was held at p_asked_at: a text that is acted on late is not for who has the number by then';

create function private.store_inbound_message(p_event jsonb) returns private.event_result
language plpgsql volatile
set search_path = ''
as $$
declare
  v_number public.phone_numbers;
  v_message public.messages;
  v_from constant text := p_event ->> 'from';
  -- Of what comes late: when the carrier took it, or told of it first.
  v_asked_at constant timestamptz := coalesce(
    (p_event ->> 'sent_at')::timestamptz, (p_event ->> 'first_received_at')::timestamptz
  );
begin
  v_number := private.number_texted(p_event, v_asked_at);
  if v_number.id is null then
    return (
      'failed', 'unknown_number', false, private.sole_owner_of_account(p_event ->> 'provider', p_event ->> 'account_ref')
    )::private.event_result;
  end if;
  if v_from is null or not private.is_phone_number(v_from) then
    return ('failed', 'sender_is_not_a_phone_number', false, v_number.organization_id)::private.event_result;
  end if;
  perform private.lock_recipient(v_number.organization_id, v_from);
  if exists (
    select 1 from public.messages m where m.provider_account_id = v_number.provider_account_id
      and m.provider_message_id = p_event ->> 'provider_message_id'
  ) then
    return ('duplicate', null, false, v_number.organization_id)::private.event_result;
  end if;
  v_message.id := private.uuid_v7();
  v_message.organization_id := v_number.organization_id;
  v_message.thread_id := private.find_or_add_thread(v_number.organization_id, v_number.id, v_from);
  v_message.direction := 'inbound';
  v_message.status := 'received';
  v_message.body := left(coalesce(p_event ->> 'body', ''), 10000);
  v_message.segments := coalesce((p_event ->> 'segments')::smallint, 1);
  v_message.provider_account_id := v_number.provider_account_id;
  v_message.provider_message_id := p_event ->> 'provider_message_id';
  -- A word we do not know, of a function that is newer than this, is no reason to refuse the text.
  v_message.intent := case when p_event ->> 'intent' in ('stop', 'start', 'help') then p_event ->> 'intent' end;
  v_message.updated_at := clock_timestamp();
  v_message.created_at := least(v_asked_at, v_message.updated_at);
  if p_event ->> 'intent' in ('stop', 'start') then
    -- An opt-out changes every thread of this person: all are locked before the first, see private.lock_threads. For
    -- update, so that nobody opens another one meanwhile.
    perform 1 from public.contacts c
    where c.organization_id = v_number.organization_id and c.phone_number = v_from for update;
    perform private.lock_threads(private.threads_of_recipient(v_number.organization_id, v_from));
  end if;
  v_message := private.append_message(v_message, p_event -> 'media');
  if p_event #> '{media,0}' is not null then
    perform private.wake_workers();
  end if;
  perform private.apply_intent(v_message, v_from, v_asked_at);
  return ('processed', null, false, v_number.organization_id)::private.event_result;
end;
$$;
comment on function private.store_inbound_message(jsonb) is
  'A customer''s text: contact and thread when new, the message, its pictures, and STOP or START at once';

create function private.apply_intent(p_message public.messages, p_from text, p_asked_at timestamptz) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if p_message.intent = 'stop' and not private.is_overruled(p_message.organization_id, p_from, 'stop', p_asked_at) then
    perform private.block_recipient(p_message.organization_id, p_from, 'keyword', 'Texted a stop keyword', p_message.id);
  elsif p_message.intent = 'start' then
    perform private.unblock_recipient(p_message.organization_id, p_from, 'Texted a start keyword', p_message.id, p_asked_at);
  end if;
end;
$$;
comment on function private.apply_intent(public.messages, text, timestamptz) is
  'A stop is in force before the webhook is acknowledged, a start lifts it; one that is acted on late only if nobody has said the opposite since p_asked_at';

create function private.store_delivery_report(p_event jsonb) returns private.event_result
language plpgsql volatile
set search_path = ''
as $$
declare
  v_attempt public.send_attempts;
  v_message public.messages;
  v_account_ids constant uuid[] := array(
    select a.id from public.provider_accounts a
    where a.provider = p_event ->> 'provider' and a.account_ref = p_event ->> 'account_ref'
  );
  v_status constant text := p_event ->> 'status';
  v_job_status text;
  v_is_new boolean;
begin
  select a.* into v_attempt from public.send_attempts a
  where a.id = (p_event ->> 'attempt_id')::uuid and a.provider_account_id = any (v_account_ids);
  if v_attempt.id is null then
    select a.* into v_attempt from public.send_attempts a
    join public.messages m on m.organization_id = a.organization_id and m.id = a.message_id
    where m.provider_account_id = any (v_account_ids) and m.provider_message_id = p_event ->> 'provider_message_id'
      and a.provider_message_id = m.provider_message_id;
  end if;
  if v_attempt.id is null then
    return ('failed', 'unknown_message', false, null)::private.event_result;
  end if;
  perform private.lock_threads(private.threads_of_jobs(array[v_attempt.job_id]));
  -- What was known before the lock may be old.
  select a.* into v_attempt from public.send_attempts a where a.id = v_attempt.id;
  select m.* into v_message from public.messages m where m.id = v_attempt.message_id for no key update;
  insert into public.message_events (organization_id, message_id, attempt_id, event_key, provider_status, error_code, details)
  values (v_message.organization_id, v_message.id, v_attempt.id, p_event ->> 'event_key', p_event ->> 'provider_status',
    p_event ->> 'error_code', coalesce(p_event -> 'details', '{}'))
  on conflict (message_id, event_key) do nothing;
  v_is_new := found;
  if v_attempt.state = 'recalled' then
    perform private.hear_of_recalled(v_attempt, v_status);
    return (case when v_is_new then 'processed' else 'duplicate' end, null, false, v_message.organization_id)::private.event_result;
  end if;
  -- Another message of the carrier's under our attempt would be a double send: keep the evidence, change nothing.
  if v_message.provider_message_id <> p_event ->> 'provider_message_id' then
    perform private.open_alert(v_message.organization_id, 'sent_twice', 'critical', v_message.id::text,
      jsonb_build_object('message_id', v_message.id, 'attempt_id', v_attempt.id));
    return ('failed', 'second_provider_message', false, v_message.organization_id)::private.event_result;
  end if;
  if not v_is_new then
    return ('duplicate', null, false, v_message.organization_id)::private.event_result;
  end if;
  update public.send_attempts a
  set state = 'accepted', provider_message_id = p_event ->> 'provider_message_id',
    finished_at = coalesce(a.finished_at, clock_timestamp())
  where a.id = v_attempt.id and a.state in ('submitting', 'unknown', 'unconfirmed');
  v_job_status := private.landing(v_attempt.send_at, coalesce(v_status, 'sent'), p_event ->> 'provider_status');
  if v_attempt.send_at is null or not private.report_on_recall(v_attempt, v_job_status, p_event) then
    perform private.settle_jobs(array[(
      v_attempt.job_id, v_job_status, case v_job_status when 'at_carrier' then 'scheduled' else v_job_status end,
      p_event ->> 'provider_message_id', null, p_event ->> 'error_code', p_event ->> 'error_text'
    )::private.settlement]);
  end if;
  perform private.follow_report(v_attempt.job_id, v_status, p_event -> 'retry');
  return ('processed', null, false, v_message.organization_id)::private.event_result;
end;
$$;
comment on function private.store_delivery_report(jsonb) is
  'A carrier''s word on one of our messages; the first one also proves that a submission of unknown end arrived';

create function private.process_webhook_event(p_webhook_event_id uuid) returns private.event_result
language plpgsql volatile
set search_path = ''
as $$
declare
  v_event public.webhook_events;
  v_result private.event_result;
begin
  select w.* into v_event from public.webhook_events w where w.id = p_webhook_event_id for update;
  begin
    v_result := case v_event.kind
      when 'inbound_message' then private.store_inbound_message(
        -- Acted on again, it is older than it looks, and what was said meanwhile counts for more.
        v_event.event || case when v_event.tries > 0 then jsonb_build_object('first_received_at', v_event.created_at) else '{}' end
      )
      when 'delivery_report' then private.store_delivery_report(v_event.event)
    end;
  exception when others then
    -- The state only: a message text could carry what the customer wrote.
    v_result := (
      'failed', 'sqlstate_' || sqlstate, true, private.sole_owner_of_account(v_event.provider, v_event.account_ref)
    )::private.event_result;
  end;
  update public.webhook_events w
  set status = case v_result.outcome when 'duplicate' then 'processed' else v_result.outcome end,
    reason = v_result.reason, tries = w.tries + 1, processed_at = clock_timestamp(),
    -- The carrier comes again within seconds, if it comes; then half a minute, twice that, and so on for nine hours.
    try_again_at = case when v_result.retry and w.tries < 10 then clock_timestamp() + interval '30 seconds' * (2 ^ w.tries) end,
    organization_id = coalesce(v_result.organization_id, w.organization_id)
  where w.id = p_webhook_event_id;
  return v_result;
end;
$$;
comment on function private.process_webhook_event(uuid) is 'Acts on a stored event; a failure is undone, noted on the row and can be tried again';

create function private.receive_webhook_event(p_kind text, p_event jsonb) returns jsonb
language plpgsql volatile
set search_path = ''
set plan_cache_mode = force_generic_plan -- for one event planning costs several times what running does
-- From a few rows to others by their key, in the order it is written: a plan from when a table was new, for which reading
-- all of it is as good, is kept for as long as the connection lives.
set enable_seqscan = off
set random_page_cost = 0
set join_collapse_limit = 1
as $$
declare
  v_id uuid;
  v_result private.event_result;
begin
  if coalesce(p_event ->> 'provider', '') = '' or coalesce(p_event ->> 'account_ref', '') = ''
    or coalesce(p_event ->> 'event_key', '') = '' then
    raise exception using errcode = 'TL002', message = 'An event needs provider, account_ref and event_key';
  end if;
  insert into public.webhook_events as w (provider, account_ref, kind, event_key, event)
  values (p_event ->> 'provider', p_event ->> 'account_ref', p_kind, p_event ->> 'event_key', p_event)
  on conflict (provider, account_ref, kind, event_key) do nothing
  returning w.id into v_id;
  if v_id is null then
    -- Only an event that failed before is worth a second look.
    select w.id into v_id from public.webhook_events w
    where w.provider = p_event ->> 'provider' and w.account_ref = p_event ->> 'account_ref' and w.kind = p_kind
      and w.event_key = p_event ->> 'event_key' and w.status in ('received', 'failed');
    if v_id is null then
      return jsonb_build_object('outcome', 'duplicate');
    end if;
  end if;
  v_result := private.process_webhook_event(v_id);
  return jsonb_strip_nulls(jsonb_build_object(
    'outcome', v_result.outcome, 'reason', v_result.reason, 'retry', v_result.retry
  ));
end;
$$;
comment on function private.receive_webhook_event(text, jsonb) is 'Keeps an event once, acts on it, says what came of it';

create function public.ingest_inbound_message(p_event jsonb) returns jsonb
language sql volatile
security definer -- called with the secret key, which holds no write grants either
set search_path = ''
as $$ select private.receive_webhook_event('inbound_message', p_event); $$;
comment on function public.ingest_inbound_message(jsonb) is
  'A verified inbound text. Answers {outcome, reason, retry}; idempotent by provider, account_ref and event_key. Errors: TL002';

create function public.apply_delivery_report(p_event jsonb) returns jsonb
language sql volatile
security definer -- called with the secret key, which holds no write grants either
set search_path = ''
as $$ select private.receive_webhook_event('delivery_report', p_event); $$;
comment on function public.apply_delivery_report(jsonb) is
  'A verified delivery report. Answers {outcome, reason, retry}; idempotent, and a status never goes back. Errors: TL002';

create function worker.replay_event() returns boolean
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_id uuid;
begin
  -- One at a time: each locks the people and threads it concerns, in an order that holds for one event only.
  select w.id into v_id from public.webhook_events w
  where w.try_again_at <= clock_timestamp() order by w.try_again_at limit 1 for update skip locked;
  if v_id is null then
    return false;
  end if;
  perform private.process_webhook_event(v_id);
  return true;
end;
$$;
comment on function worker.replay_event() is
  'Acts again on one event whose failure may have passed, for carriers that do not come again; false when none is due';
grant execute on function worker.replay_event() to threadline_worker;

create function private.replay_webhook_event(p_webhook_event_id uuid) returns jsonb
language plpgsql volatile
security definer -- webhook_events has no write grant
set search_path = ''
as $$
declare
  v_organization_id uuid;
  v_result private.event_result;
begin
  select w.organization_id into v_organization_id from public.webhook_events w where w.id = p_webhook_event_id;
  perform private.require_admin(v_organization_id);
  perform private.write_audit(v_organization_id, 'webhook_event_replayed', 'webhook_event', p_webhook_event_id::text);
  v_result := private.process_webhook_event(p_webhook_event_id);
  return jsonb_strip_nulls(jsonb_build_object('outcome', v_result.outcome, 'reason', v_result.reason));
end;
$$;
comment on function private.replay_webhook_event(uuid) is 'Acts again on a stored event, for an admin';

create function public.replay_webhook_event(p_webhook_event_id uuid) returns jsonb
language sql volatile
set search_path = ''
as $$ select private.replay_webhook_event(p_webhook_event_id); $$;
comment on function public.replay_webhook_event(uuid) is
  'Acts again on a carrier event that failed. Answers {outcome, reason}. Errors: TL001';

grant execute on function public.ingest_inbound_message(jsonb), public.apply_delivery_report(jsonb) to service_role;
grant execute on function private.replay_webhook_event(uuid), public.replay_webhook_event(uuid) to authenticated;
