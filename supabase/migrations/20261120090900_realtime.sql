-- What the screen is told, and who may listen. A broadcast is a hint: the tables are the truth.

create function private.inbox_topic(p_organization_id uuid) returns text
language sql immutable
return 'org:' || p_organization_id::text || ':inbox';
comment on function private.inbox_topic(uuid) is 'Topic of an organization''s thread list';

create function private.thread_topic(p_organization_id uuid, p_thread_id uuid) returns text
language sql immutable
return 'org:' || p_organization_id::text || ':thread:' || p_thread_id::text;
comment on function private.thread_topic(uuid, uuid) is 'Topic of one thread';

create function private.topic_organization(p_topic text) returns uuid
language sql immutable
set search_path = ''
as $$
  -- The full form of a UUID, or the cast would raise and every join with it.
  select case
    when p_topic ~ '^org:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:(inbox|live|(live:)?thread:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$'
      then substring(p_topic from 5 for 36)::uuid
  end;
$$;
comment on function private.topic_organization(text) is 'Organization of one of our topics, null for any other text';

create function private.can_read_topic(p_topic text) returns boolean
language sql stable
set search_path = ''
as $$
  -- Who somebody is, is asked for our topics only: a token for others need not name one of our accounts.
  select case
    when private.topic_organization(p_topic) is not null
      then private.topic_organization(p_topic) in (select private.my_organization_ids())
    else false
  end;
$$;
comment on function private.can_read_topic(text) is 'Members may listen to their organization''s topics';

create function private.can_write_topic(p_topic text) returns boolean
language sql stable
set search_path = ''
as $$
  select p_topic ~ '^org:[0-9a-f-]{36}:live(:|$)' and private.can_read_topic(p_topic);
$$;
comment on function private.can_write_topic(text) is
  'Members may speak on live topics only; a server event cannot be forged';

grant execute on function
  private.topic_organization(text), private.can_read_topic(text), private.can_write_topic(text)
to authenticated;

create policy threadline_read on realtime.messages for select to authenticated
  using (extension in ('broadcast', 'presence') and (select private.can_read_topic((select realtime.topic()))));
create policy threadline_write on realtime.messages for insert to authenticated
  with check (extension in ('broadcast', 'presence') and (select private.can_write_topic((select realtime.topic()))));

-- A commit is told as soon as it is in the log, which may be before any other session sees it: by far before, where it
-- waits for a synchronous standby. Who asks again because of what was told has to know what to look for.
create function private.announce(p_payload jsonb, p_event text, p_topic text) returns void
language sql volatile
return realtime.send(p_payload || jsonb_build_object('xid', pg_current_xact_id()::text), p_event, p_topic, true);
comment on function private.announce(jsonb, text, text) is
  'A private broadcast that names its transaction, to be compared with the snapshot of inbox_changes and thread_changes';

-- Past so many in one statement a client is better served by asking for the changes itself: a campaign told text by text
-- is more than a hosted Realtime lets through in a second, and hardly one of its threads is open on a screen.
create function private.most_told() returns integer
language sql immutable
return 25;
comment on function private.most_told() is 'How many changes of one statement are told one by one';

create function private.announce_resync(p_organization_id uuid) returns void
language sql volatile
set search_path = ''
as $$
  select private.announce(jsonb_build_object('resync', true), 'threads_changed', private.inbox_topic(p_organization_id));
$$;
comment on function private.announce_resync(uuid) is
  'Asks every screen of an organization to catch up by its cursors, the list and the thread that is open';

create function private.announce_new_messages() returns trigger
language plpgsql
security definer -- the writer of a message must not be the one who decides what topics hear
set search_path = ''
as $$
declare
  v_campaigns constant uuid[] := array(
    select n.organization_id from new_rows n group by n.organization_id having count(*) > private.most_told()
  );
begin
  perform private.announce(
    jsonb_build_object('message', private.message_object(row(n.*)::public.messages)),
    'message_created', private.thread_topic(n.organization_id, n.thread_id)
  )
  from new_rows n
  -- What a person wrote is always told.
  where n.organization_id <> all (v_campaigns) or n.direction = 'inbound' or n.author_id is not null
  order by n.thread_id, n.sequence;
  perform private.announce_resync(c) from unnest(v_campaigns) c;
  return null;
end;
$$;
comment on function private.announce_new_messages() is
  'Tells a thread''s topic of its new messages, and of a campaign''s the list''s topic, once';

create function private.announce_changed_messages() returns trigger
language plpgsql
security definer -- see announce_new_messages
set search_path = ''
as $$
declare
  v_campaigns constant uuid[] := array(
    select n.organization_id from new_rows n group by n.organization_id having count(*) > private.most_told()
  );
begin
  perform private.announce(
    jsonb_build_object('message', private.message_object(row(n.*)::public.messages)),
    'message_changed', private.thread_topic(n.organization_id, n.thread_id)
  )
  from new_rows n
  -- Every row is on both sides. Said as a full join, the planner cannot compare each with each.
  full join old_rows o on o.id = n.id
  where (n.organization_id <> all (v_campaigns) or n.direction = 'inbound' or n.author_id is not null)
    and (n.status, n.body, n.error_code, n.error_text, n.segments)
      is distinct from (o.status, o.body, o.error_code, o.error_text, o.segments)
  order by n.thread_id, n.sequence;
  perform private.announce_resync(c) from unnest(v_campaigns) c;
  return null;
end;
$$;
comment on function private.announce_changed_messages() is
  'Tells a thread''s topic of changed messages, and of a campaign''s the list''s topic, once';

create function private.announce_media() returns trigger
language plpgsql
security definer -- see announce_new_messages
set search_path = ''
as $$
begin
  -- The stamp lets a client that slept find the message again; the update announces it.
  update public.messages m set updated_at = now()
  from new_rows n join old_rows o on o.id = n.id
  where m.id = n.message_id and n.status <> o.status;
  perform private.announce(
    jsonb_build_object('message', private.message_object(m)),
    'message_changed', private.thread_topic(m.organization_id, m.thread_id)
  )
  from public.messages m
  where m.id in (select n.message_id from new_rows n join old_rows o on o.id = n.id where n.status <> o.status);
  return null;
end;
$$;
comment on function private.announce_media() is 'Tells a thread''s topic that pictures of a message arrived or failed';

create function private.announce_threads() returns trigger
language plpgsql
security definer -- see announce_new_messages
set search_path = ''
as $$
declare
  v_campaigns constant uuid[] := array(
    select n.organization_id from new_rows n group by n.organization_id having count(*) > private.most_told()
  );
begin
  perform private.announce(
    jsonb_build_object('threads', jsonb_agg(private.thread_summary(row(n.*)::public.threads))),
    'threads_changed', private.inbox_topic(n.organization_id)
  )
  from new_rows n
  where n.organization_id <> all (v_campaigns)
  group by n.organization_id;
  perform private.announce_resync(c) from unnest(v_campaigns) c;
  return null;
end;
$$;
comment on function private.announce_threads() is 'One hint per organization and statement, however many threads changed';

create trigger messages_announce_new after insert on public.messages
  referencing new table as new_rows for each statement execute function private.announce_new_messages();
create trigger messages_announce_changed after update on public.messages
  referencing old table as old_rows new table as new_rows
  for each statement execute function private.announce_changed_messages();
create trigger message_media_announce after update on public.message_media
  referencing old table as old_rows new table as new_rows for each statement execute function private.announce_media();
create trigger threads_announce after update on public.threads
  referencing new table as new_rows for each statement execute function private.announce_threads();
