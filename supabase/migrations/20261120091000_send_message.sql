-- From an agent's words to a job on the queue, all or nothing.

create function private.find_or_add_thread(
  p_organization_id uuid, p_phone_number_id uuid, p_recipient text, p_contact_name text default null
) returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_contact_id uuid;
  v_thread_id uuid;
begin
  select t.id into v_thread_id
  from public.contacts c join public.threads t on t.contact_id = c.id and t.phone_number_id = p_phone_number_id
  where c.organization_id = p_organization_id and c.phone_number = p_recipient;
  if v_thread_id is not null then
    return v_thread_id;
  end if;
  -- Nothing is written to what is there: a key written again locks its row against everybody who only refers to it.
  insert into public.contacts (organization_id, phone_number, name)
  values (p_organization_id, p_recipient, nullif(left(btrim(p_contact_name), 120), ''))
  on conflict (organization_id, phone_number) do nothing;
  select c.id into strict v_contact_id from public.contacts c
  where c.organization_id = p_organization_id and c.phone_number = p_recipient;
  insert into public.threads (organization_id, contact_id, phone_number_id)
  values (p_organization_id, v_contact_id, p_phone_number_id)
  on conflict (contact_id, phone_number_id) do nothing;
  select t.id into strict v_thread_id from public.threads t
  where t.contact_id = v_contact_id and t.phone_number_id = p_phone_number_id;
  return v_thread_id;
end;
$$;
comment on function private.find_or_add_thread(uuid, uuid, text, text) is
  'The thread between a customer''s number and ours; made, with the contact, when there is none';

create function private.open_thread(
  p_organization_id uuid, p_phone_number_id uuid, p_recipient text, p_contact_name text
) returns uuid
language plpgsql volatile
security definer -- contacts and threads have no insert grant
set search_path = ''
as $$
declare
  v_sender text;
  v_thread_id uuid;
begin
  if p_organization_id is null or p_organization_id not in (select private.my_organization_ids()) then
    raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
  end if;
  select n.phone_number into v_sender from public.phone_numbers n
  where n.id = p_phone_number_id and n.organization_id = p_organization_id
    and n.status = 'active' and n.released_at is null;
  if v_sender is null then
    raise exception using errcode = 'TL104', message = 'This number cannot be used for sending at present';
  end if;
  if p_recipient is null or not private.is_phone_number(p_recipient) or p_recipient = v_sender then
    raise exception using errcode = 'TL102', message = 'This is not a phone number that can be texted';
  end if;
  v_thread_id := private.find_or_add_thread(p_organization_id, p_phone_number_id, p_recipient, p_contact_name);
  -- Somebody who wrote to us first has no name yet; one that has keeps it.
  update public.contacts c set name = left(btrim(p_contact_name), 120)
  where c.organization_id = p_organization_id and c.phone_number = p_recipient and c.name is null and btrim(p_contact_name) <> '';
  -- Somebody looks at it now, so it belongs in the inbox even before its first message.
  update public.threads t set last_message_at = now() where t.id = v_thread_id and t.last_message_at = '-infinity';
  return v_thread_id;
end;
$$;
comment on function private.open_thread(uuid, uuid, text, text) is 'find_or_add_thread for a member, with its checks';

create function public.open_thread(
  p_organization_id uuid, p_phone_number_id uuid, p_recipient text, p_contact_name text default null
) returns uuid
language sql volatile
set search_path = ''
as $$ select private.open_thread(p_organization_id, p_phone_number_id, p_recipient, p_contact_name); $$;
comment on function public.open_thread(uuid, uuid, text, text) is
  'The thread with a customer''s E.164 number, made when there is none. Errors: TL001, TL102 impossible number, TL104 our number is not active';

create function private.append_message(p_message public.messages, p_media jsonb default '[]') returns public.messages
language plpgsql volatile
set search_path = ''
as $$
begin
  update public.contacts c set last_contact_at = greatest(c.last_contact_at, p_message.created_at)
  from public.threads t where t.id = p_message.thread_id and c.id = t.contact_id;
  -- The thread's row is the queue at its door: whoever holds it gives out the next place.
  select t.last_sequence + 1 into strict p_message.sequence
  from public.threads t where t.id = p_message.thread_id for no key update;
  p_message.change_xid := pg_current_xact_id();
  p_message.updated_at := coalesce(p_message.updated_at, p_message.created_at);
  -- One statement, so that what is announced of the message already names its pictures.
  with stored as (
    insert into public.messages select p_message.* returning id, organization_id
  )
  insert into public.message_media (organization_id, message_id, position, content_type, provider_url)
  select s.organization_id, s.id, e.n - 1, coalesce(e.item ->> 'content_type', 'application/octet-stream'), e.item ->> 'url'
  from stored s
  cross join jsonb_array_elements(case when jsonb_typeof(p_media) = 'array' then p_media else '[]' end)
    with ordinality as e (item, n);
  update public.threads t
  set last_sequence = p_message.sequence,
    last_inbound_sequence = case when p_message.direction = 'inbound' then p_message.sequence else t.last_inbound_sequence end,
    last_message_id = p_message.id,
    -- Not when it was written: what was found late is news all the same, and stands where people look for news.
    last_message_at = p_message.updated_at,
    status = case when p_message.direction = 'inbound' then 'open' else t.status end,
    snoozed_until = case when p_message.direction = 'inbound' then null else t.snoozed_until end
  where t.id = p_message.thread_id;
  return p_message;
end;
$$;
comment on function private.append_message(public.messages, jsonb) is
  'Stores a message and its pictures ([{url, content_type}]) at the next place of its thread';

create function private.has_words(p_body text) returns boolean
language sql immutable
-- Spaces are spelled out: what [:space:] covers beyond ASCII depends on the database's locale.
return coalesce(p_body ~ '[^[:space:]\u0085\u00A0\u1680\u2000-\u200D\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF]', false);
comment on function private.has_words(text) is 'False for a body of nothing but spaces';

create function private.check_body(p_body text) returns void
language plpgsql immutable
set search_path = ''
as $$
begin
  if not private.has_words(p_body) then
    raise exception using errcode = 'TL100', message = 'The message is empty';
  end if;
  if private.utf16_length(p_body) > 1600 then
    raise exception using errcode = 'TL101', message = 'The message is longer than 1,600 characters';
  end if;
end;
$$;
comment on function private.check_body(text) is 'Refuses what no carrier takes. Errors: TL100 empty, TL101 over 1,600 UTF-16 units';

create function private.add_job(p_message public.messages, p_recipient text, p_phone_number_id uuid) returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_id constant uuid := private.uuid_v7();
  -- A person waits for this one.
  c_queue constant text := 'sms_priority_queue';
  c_position constant bigint := nextval('private.job_positions');
  c_is_head constant boolean := p_message.delayed_until is null and not private.has_elder(p_message.thread_id, c_position);
begin
  insert into public.message_jobs (
    id, organization_id, message_id, thread_id, phone_number_id, recipient, body, segments, priority, status, position,
    is_head, due_at, queue_name, queue_message_id
  )
  values (
    v_id, p_message.organization_id, p_message.id, p_message.thread_id, p_phone_number_id, p_recipient, p_message.body,
    p_message.segments, 8, case when p_message.delayed_until is null then 'queued' else 'scheduled' end, c_position,
    c_is_head, coalesce(p_message.delayed_until, now()), c_queue,
    -- An agent's words do not wait for a window, only for those before them in the thread.
    case when c_is_head then private.queue_job(c_queue, v_id) end
  );
  if p_message.delayed_until is not null then
    perform private.wake_workers();
  end if;
  return v_id;
end;
$$;
comment on function private.add_job(public.messages, text, uuid) is
  'The job of a message that goes out now, or at its delayed_until; the caller holds the thread';

create function private.take_turn(p_organization_id uuid, p_user_id uuid, p_thread_id uuid) returns timestamptz
language plpgsql volatile
set search_path = ''
as $$
declare
  c_subject constant uuid := md5(p_organization_id || ' ' || p_user_id)::uuid;
  v_limit integer;
  v_next_at timestamptz;
  v_turn timestamptz;
begin
  select o.agent_sends_per_minute into v_limit from public.organizations o where o.id = p_organization_id;
  if v_limit is not null then
    insert into private.pacers (subject_id) values (c_subject) on conflict (subject_id) do nothing;
    select greatest(p.next_at, clock_timestamp()) into v_next_at from private.pacers p
    where p.subject_id = c_subject for no key update;
    update private.pacers p set next_at = v_next_at + interval '1 minute' / v_limit where p.subject_id = c_subject;
    -- A minute's worth may go at once, the last of it included.
    v_turn := v_next_at + interval '1 minute' / v_limit - interval '1 minute';
  end if;
  -- What a colleague wrote before in this thread and what still waits for its turn goes first.
  select greatest(v_turn, max(j.due_at)) into v_turn from public.message_jobs j
  where j.organization_id = p_organization_id and j.thread_id = p_thread_id and j.status = 'scheduled'
    and j.message_id is not null and j.message_class = 'conversational';
  return case when v_turn > clock_timestamp() then v_turn end;
end;
$$;
comment on function private.take_turn(uuid, uuid, uuid) is
  'Until when the next message of a member in a thread has to wait, by the organization''s sends a minute and by who is before it; null when it may go now';

create function private.send_message(p_thread_id uuid, p_body text, p_client_key uuid) returns jsonb
language plpgsql volatile
security definer -- messages and jobs have no write grant: this is the agents' only way to send
set search_path = ''
set enable_seqscan = off -- a plan from when a table was new would read all of it while the connection lives
as $$
declare
  v_thread public.threads;
  v_message public.messages;
  v_recipient text;
  v_account_id uuid;
begin
  select t.* into v_thread from public.threads t
  where t.id = p_thread_id and t.organization_id in (select private.my_organization_ids());
  if v_thread.id is null then
    raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
  end if;
  if p_client_key is null then
    raise exception using errcode = 'TL002', message = 'A message needs a client key';
  end if;
  perform private.check_body(p_body);
  select c.phone_number into v_recipient from public.contacts c where c.id = v_thread.contact_id;
  -- The order everybody takes them in (private.lock_threads), so no two can wait for each other.
  perform private.share_recipient(v_thread.organization_id, v_recipient);
  perform 1 from public.contacts c where c.id = v_thread.contact_id for no key update;
  select t.* into v_thread from public.threads t where t.id = p_thread_id for no key update;
  select m.* into v_message from public.messages m
  where m.organization_id = v_thread.organization_id and m.client_key = p_client_key;
  if v_message.id is not null then
    if v_message.thread_id <> p_thread_id or v_message.body <> p_body then
      raise exception using errcode = 'TL105', message = 'This client key already belongs to another message';
    end if;
    return private.message_object(v_message);
  end if;
  select a.id into v_account_id from public.phone_numbers n
  join public.provider_accounts a on a.id = n.provider_account_id and a.status = 'active'
  where n.id = v_thread.phone_number_id and n.status = 'active' and n.released_at is null;
  if v_account_id is null then
    raise exception using errcode = 'TL104', message = 'This number cannot be used for sending at present';
  end if;
  if private.is_opted_out(v_thread.organization_id, v_recipient) then
    raise exception using errcode = 'TL103', message = 'This person has opted out of texts';
  end if;
  v_message.id := private.uuid_v7();
  v_message.organization_id := v_thread.organization_id;
  v_message.thread_id := v_thread.id;
  v_message.direction := 'outbound';
  v_message.status := 'queued';
  v_message.body := p_body;
  v_message.segments := private.count_segments(p_body);
  v_message.author_id := (select auth.uid());
  v_message.client_key := p_client_key;
  v_message.provider_account_id := v_account_id;
  v_message.created_at := clock_timestamp();
  v_message.delayed_until := private.take_turn(v_message.organization_id, v_message.author_id, v_message.thread_id);
  v_message := private.append_message(v_message);
  perform private.add_job(v_message, v_recipient, v_thread.phone_number_id);
  return private.message_object(v_message);
end;
$$;
comment on function private.send_message(uuid, text, uuid) is 'Checks, then writes message, job and queue entry in one transaction';

create function public.send_message(p_thread_id uuid, p_body text, p_client_key uuid) returns jsonb
language sql volatile
set search_path = ''
as $$ select private.send_message(p_thread_id, p_body, p_client_key); $$;
comment on function public.send_message(uuid, text, uuid) is
  'Queues a text and returns the message; delayed_until says that it waits because its author sends faster than the organization allows. The same client key is the same message, however often it is sent. Errors: TL001, TL100 to TL105';

grant execute on function
  private.open_thread(uuid, uuid, text, text), public.open_thread(uuid, uuid, text, text),
  private.send_message(uuid, text, uuid), public.send_message(uuid, text, uuid)
to authenticated;
