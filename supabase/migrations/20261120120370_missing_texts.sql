-- Texts that never came: a carrier tries to deliver a webhook for a minute or so, and from then on what the customer wrote, perhaps
-- STOP, is in the carrier's log and nowhere else. So the log of each number is read every few minutes, from where it was read to
-- the last time, and what is in it and not with us goes the way of a webhook.

create table private.inbound_looks (
  phone_number_id uuid primary key references public.phone_numbers (id) on delete cascade,
  read_until timestamptz not null,
  look_after timestamptz not null,
  look_back_after timestamptz not null
);
create index inbound_looks_due_idx on private.inbound_looks (look_after);
comment on table private.inbound_looks is 'How far the carrier''s log of each of our numbers was read, and when it is read next';
comment on column private.inbound_looks.read_until is 'What was sent before was looked for; moves when a look was read to its end, and never back';
comment on column private.inbound_looks.look_back_after is 'When next to look two days back: logs lag, and now and then by much';

create function private.note_numbers() returns void
language sql volatile
set search_path = ''
-- All numbers against all looks, also while the planner takes the table for an empty one.
set enable_nestloop = off
as $$
  insert into private.inbound_looks (phone_number_id, read_until, look_after, look_back_after)
  -- What was sent before we had the number, or knew its account, was for somebody else or is with them.
  select n.id, greatest(n.created_at, a.created_at), greatest(n.created_at + interval '5 minutes', clock_timestamp()),
    clock_timestamp() + interval '1 day'
  from public.phone_numbers n join public.provider_accounts a on a.id = n.provider_account_id
  where not exists (select 1 from private.inbound_looks l where l.phone_number_id = n.id)
  on conflict (phone_number_id) do nothing;
$$;
comment on function private.note_numbers() is 'Begins looks for numbers that are new';

create function private.due_looks(p_limit integer) returns uuid[]
language sql volatile
set search_path = ''
-- In the order of the index, so that lines are counted for no more numbers than are wanted, on a new table too.
set enable_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  select array(
    select l.phone_number_id from private.inbound_looks l
    join public.phone_numbers n on n.id = l.phone_number_id
    join public.provider_accounts a on a.id = n.provider_account_id
    where l.look_after <= (select clock_timestamp())
      -- Through a paused account nothing is sent meanwhile, so that a STOP can wait as well; the mark stays where it is.
      and a.status = 'active' and a.pause_reason is null and coalesce(a.paused_until <= (select clock_timestamp()), true)
      -- A log may lag behind the giving up of a number.
      and (n.released_at is null or n.released_at > l.read_until - interval '1 day')
      -- What is being sent goes first, but not for ever: a STOP may be among what is looked for.
      and (l.look_after <= (select clock_timestamp()) - interval '5 minutes' or private.free_lines(a.id) > 0)
    order by l.look_after limit p_limit for no key update of l skip locked
  );
$$;
comment on function private.due_looks(integer) is 'Locks numbers whose logs may be read now, those that wait longest first';

create function worker.claim_inbound_looks(p_worker_id text, p_limit integer, p_lease_seconds integer) returns setof jsonb
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_due uuid[];
begin
  -- Whoever comes first notes them, the others go on with their work.
  if pg_try_advisory_xact_lock(hashtextextended('threadline:looks', 0)) then
    perform private.note_numbers();
  end if;
  v_due := private.due_looks(p_limit);
  return query
  with leased as (
    update private.inbound_looks l set look_after = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where l.phone_number_id = any (v_due)
    returning l.*, l.look_back_after <= clock_timestamp() as looks_back
  )
  select jsonb_build_object(
    'phone_number_id', n.id, 'organization_id', n.organization_id, 'phone_number', n.phone_number,
    'provider_account_id', a.id, 'provider', a.provider, 'credentials_ref', a.credentials_ref, 'looks_back', l.looks_back,
    'since', date_trunc('second', greatest(
      l.read_until - case when l.looks_back then interval '2 days' else interval '1 hour' end, n.created_at, a.created_at
    )),
    -- Younger ones may still come by themselves: the carrier tries again for a minute and a half. And a day at a time, after
    -- a long absence.
    'until', least(clock_timestamp() - interval '2 minutes', l.read_until + interval '1 day')
  )
  from leased l
  join public.phone_numbers n on n.id = l.phone_number_id
  join public.provider_accounts a on a.id = n.provider_account_id
  order by l.read_until;
end;
$$;
comment on function worker.claim_inbound_looks(text, integer, integer) is
  'Numbers whose logs are to be read now, each from one moment up to another; they come again after p_lease_seconds';

create function worker.unknown_texts(p_phone_number_id uuid, p_provider_message_ids jsonb) returns jsonb
language sql stable
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  select coalesce(jsonb_agg(i.id), '[]')
  from public.phone_numbers n
  join public.provider_accounts a on a.id = n.provider_account_id
  cross join jsonb_array_elements_text(p_provider_message_ids) as i (id)
  where n.id = p_phone_number_id
    and not exists (
      select 1 from public.webhook_events w
      where w.provider = a.provider and w.account_ref = a.account_ref and w.kind = 'inbound_message' and w.event_key = i.id
    )
    and not exists (
      -- Some carriers' events have ids of their own. Several organizations may share the account, and a number change hands among them.
      select 1 from public.provider_accounts o
      join public.messages m on m.provider_account_id = o.id and m.provider_message_id = i.id
      where o.provider = a.provider and o.account_ref = a.account_ref
    );
$$;
comment on function worker.unknown_texts(uuid, jsonb) is
  'Which of these texts to a number never reached us. One that did and failed is not among them: it is acted on again in its own way';

create function worker.take_missing_text(p_phone_number_id uuid, p_event jsonb) returns jsonb
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_account constant jsonb := (
    select jsonb_build_object('provider', a.provider, 'account_ref', a.account_ref, 'to', n.phone_number)
    from public.phone_numbers n join public.provider_accounts a on a.id = n.provider_account_id
    where n.id = p_phone_number_id
  );
begin
  if v_account is null or p_event ->> 'sent_at' is null then
    raise exception using errcode = 'TL002', message = 'A text from a log needs the number whose log it is, and sent_at';
  end if;
  return private.receive_webhook_event('inbound_message', p_event || v_account);
end;
$$;
comment on function worker.take_missing_text(uuid, jsonb) is
  'A text found in the log of one of our numbers, as ingest_inbound_message takes it, and sent_at. Answers {outcome, reason, retry}. Errors: TL002';

create function private.delay_looks(p_phone_number_id uuid, p_delay interval) returns void
language sql volatile
set search_path = ''
as $$
  update private.inbound_looks l set look_after = greatest(l.look_after, clock_timestamp() + p_delay)
  where l.phone_number_id <> p_phone_number_id and l.phone_number_id in (
    select o.phone_number_id from public.phone_numbers n
    join public.phone_numbers s on s.provider_account_id = n.provider_account_id
    join private.inbound_looks o on o.phone_number_id = s.id
    where n.id = p_phone_number_id
    order by o.phone_number_id for no key update of o skip locked
  );
  update private.inbound_looks l set look_after = clock_timestamp() + p_delay where l.phone_number_id = p_phone_number_id;
$$;
comment on function private.delay_looks(uuid, interval) is 'Leaves the account of a number alone for a while: what failed for one number would fail for the others';

create function private.tell_of_late_texts(p_phone_number_id uuid, p_found integer) returns void
language sql volatile
set search_path = ''
as $$
  select private.open_alert(n.organization_id, 'texts_late', 'warning', n.id::text, jsonb_build_object(
    'phone_number', n.phone_number,
    'texts', p_found + coalesce((
      select (a.details ->> 'texts')::integer from public.alerts a
      where a.organization_id = n.organization_id and a.kind = 'texts_late' and a.subject_id = n.id::text and a.closed_at is null
    ), 0)
  ))
  from public.phone_numbers n where n.id = p_phone_number_id and p_found > 0;
$$;
comment on function private.tell_of_late_texts(uuid, integer) is
  'Opens an alert about texts that had to be fetched, or counts more of them; it closes when for an hour none had to be';

create function worker.resolve_inbound_look(p_phone_number_id uuid, p_result jsonb) returns void
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_until constant timestamptz := (p_result ->> 'until')::timestamptz;
begin
  if p_result ->> 'kind' = 'failed' then
    perform private.delay_looks(p_phone_number_id, greatest(
      interval '1 minute', make_interval(secs => coalesce((p_result ->> 'retry_after_seconds')::integer, 0))
    ));
    return;
  end if;
  update private.inbound_looks l
  set read_until = greatest(l.read_until, v_until),
    look_back_after = case when (p_result ->> 'looks_back')::boolean then clock_timestamp() + interval '1 day' else l.look_back_after end,
    look_after = clock_timestamp() + case
      when v_until < clock_timestamp() - interval '10 minutes' then interval '0'
      -- Where one webhook was lost the next may be, too.
      when (p_result ->> 'found')::integer > 0 then interval '1 minute'
      else interval '5 minutes'
    end
  where l.phone_number_id = p_phone_number_id;
  perform private.tell_of_late_texts(p_phone_number_id, (p_result ->> 'found')::integer);
end;
$$;
comment on function worker.resolve_inbound_look(uuid, jsonb) is
  'What became of a look: {kind: read, until, looks_back, found}, or {kind: failed, retry_after_seconds}, which is looked for again from the same moment';

grant execute on function
  worker.claim_inbound_looks(text, integer, integer), worker.unknown_texts(uuid, jsonb), worker.take_missing_text(uuid, jsonb),
  worker.resolve_inbound_look(uuid, jsonb)
to threadline_worker;
