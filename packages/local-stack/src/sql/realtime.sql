-- The schema that Supabase Realtime owns on a hosted project: realtime.messages, its publications and its functions.
-- For the embedded database only; hosted Supabase and the Supabase CLI bring their own, and lock it against changes.
-- Run by a superuser after the roles anon, authenticated and service_role exist. Safe to run again.

do $$
begin
  if not exists (select 1 from pg_catalog.pg_roles where rolname = 'supabase_realtime_admin') then
    create role supabase_realtime_admin nologin noinherit;
  end if;
end
$$;

create schema if not exists realtime;
grant usage on schema realtime to anon, authenticated, service_role;
grant usage, create on schema realtime to supabase_realtime_admin;

do $$
begin
  if to_regclass('realtime.messages') is not null then
    return;
  end if;

  create table realtime.messages (
    topic text not null,
    extension text not null,
    payload jsonb,
    event text,
    private boolean default false,
    updated_at timestamp not null default timezone('utc', now()),
    inserted_at timestamp not null default timezone('utc', now()),
    id uuid not null default gen_random_uuid(),
    binary_payload bytea,
    skip_broadcast boolean not null default false,
    primary key (id, inserted_at),
    constraint messages_payload_exclusive check (payload is null or binary_payload is null)
  ) partition by range (inserted_at);

  -- Hosted keeps one partition per day; one partition and a periodic delete do for development.
  create table realtime.messages_default partition of realtime.messages default;

  create index messages_inserted_at_topic_index on realtime.messages (inserted_at desc, topic)
    where extension = 'broadcast' and private;

  alter table realtime.messages enable row level security;
  grant select, insert, update on realtime.messages to anon, authenticated, service_role;

  -- As hosted: policies may be written by whoever is a member of the owner, here the owner of the database.
  alter table realtime.messages owner to supabase_realtime_admin;
  alter table realtime.messages_default owner to supabase_realtime_admin;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'postgres' and not rolsuper) then
    grant supabase_realtime_admin to postgres;
  end if;

  comment on table realtime.messages is
    'Every broadcast sent from the database. Its policies decide who may join, read and write a private channel.';
end
$$;

do $$
begin
  if not exists (select 1 from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
  end if;
  if not exists (select 1 from pg_catalog.pg_publication where pubname = 'supabase_realtime_messages_publication') then
    create publication supabase_realtime_messages_publication for table realtime.messages
      with (publish_via_partition_root = true);
  end if;
end
$$;

create or replace function realtime.topic() returns text
  language sql stable set search_path = ''
  as $$ select nullif(current_setting('realtime.topic', true), '') $$;

comment on function realtime.topic() is
  'The topic being joined, read or written, for use in policies on realtime.messages; null outside of one.';

-- Security invoker, as hosted: the INSERT policies on realtime.messages apply to whoever calls it.
create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
  returns void language plpgsql volatile set search_path = ''
  as $$
declare
  message_id uuid := gen_random_uuid();
begin
  perform set_config('realtime.topic', send.topic, true);
  insert into realtime.messages (id, payload, event, topic, private, extension)
  values (
    message_id,
    case when send.payload ? 'id' then send.payload
      else jsonb_set(send.payload, '{id}', to_jsonb(message_id)) end,
    send.event, send.topic, send.private, 'broadcast'
  );
exception when others then
  -- A lost hint must never abort the business transaction that sent it.
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end
$$;

comment on function realtime.send(jsonb, text, text, boolean) is
  'Sends a broadcast when the transaction commits. Never raises: a failure becomes a warning.';

create or replace function realtime.send_binary(payload bytea, event text, topic text, private boolean default true)
  returns void language plpgsql volatile set search_path = ''
  as $$
begin
  perform set_config('realtime.topic', send_binary.topic, true);
  insert into realtime.messages (binary_payload, event, topic, private, extension)
  values (send_binary.payload, send_binary.event, send_binary.topic, send_binary.private, 'broadcast');
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end
$$;

comment on function realtime.send_binary(bytea, text, text, boolean) is
  'Sends a broadcast of raw bytes when the transaction commits. Never raises: a failure becomes a warning.';

create or replace function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text,
  new record, old record, level text default 'ROW'
)
  returns void language plpgsql volatile set search_path = ''
  as $$
begin
  if broadcast_changes.level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  if broadcast_changes.operation is null or broadcast_changes.operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'Unexpected operation type: %', broadcast_changes.operation;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'old_record', broadcast_changes.old, 'record', broadcast_changes.new,
      'operation', broadcast_changes.operation,
      'table', broadcast_changes.table_name, 'schema', broadcast_changes.table_schema
    ),
    broadcast_changes.event_name, broadcast_changes.topic_name, true
  );
exception when others then
  raise exception 'Failed to process the row: %', sqlerrm;
end
$$;

comment on function realtime.broadcast_changes(text, text, text, text, text, record, record, text) is
  'Sends a row change to a private topic; to be called by a row trigger. Raises on any misuse.';

grant execute on function
  realtime.topic(),
  realtime.send(jsonb, text, text, boolean),
  realtime.send_binary(bytea, text, text, boolean),
  realtime.broadcast_changes(text, text, text, text, text, record, record, text)
  to anon, authenticated, service_role;
