-- The archive: what was said, with which pictures, and everything a carrier ever told us about it.

create function private.message_status_rank(p_status text) returns smallint
language sql immutable
return case p_status
  when 'scheduled' then 1 when 'held' then 1 when 'queued' then 1
  when 'unknown' then 2
  when 'sent' then 3
  else 4
end::smallint;
comment on function private.message_status_rank(text) is
  'Waiting 1, unknown 2, sent 3, every final status 4; a message never moves to a lower rank';

create table public.messages (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null,
  thread_id uuid not null,
  sequence integer not null check (sequence > 0),
  direction text not null check (direction in ('inbound', 'outbound')),
  body text not null,
  status text not null check (status in (
    'received', 'scheduled', 'queued', 'held', 'unknown', 'sent', 'delivered', 'undelivered', 'failed', 'cancelled', 'blocked'
  )),
  segments smallint not null default 1 check (segments >= 0),
  author_id uuid,
  client_key uuid,
  provider_account_id uuid not null,
  provider_message_id text,
  error_code text,
  error_text text,
  intent text check (intent in ('stop', 'start', 'help')),
  delayed_until timestamptz,
  carrier_holds_until timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  change_xid xid8 not null default pg_current_xact_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((direction = 'inbound') = (status = 'received')),
  check (carrier_holds_until is null or status = 'scheduled'),
  -- What we send has the carriers' limit; what a customer wrote is kept whole.
  check (char_length(body) <= 800 or private.utf16_length(body) <= case direction when 'outbound' then 1600 else 20000 end),
  unique (thread_id, sequence),
  unique (id, organization_id),
  foreign key (organization_id, thread_id) references public.threads (organization_id, id) on delete cascade,
  foreign key (organization_id, provider_account_id)
    references public.provider_accounts (organization_id, id) on delete restrict,
  foreign key (organization_id, author_id) references public.members (organization_id, user_id)
    on delete set null (author_id)
);
create index messages_changes_idx on public.messages (thread_id, change_xid, id);
-- Not by organization first: while a table is new and unknown to the planner, such an index looks as good for finding one
-- row as the key does, and every check of a foreign key would read all rows of the organization.
create index messages_author_idx on public.messages (author_id, organization_id) where author_id is not null;
create unique index messages_provider_message_id_key on public.messages (provider_account_id, provider_message_id)
  where provider_message_id is not null;
create unique index messages_client_key_key on public.messages (client_key, organization_id) where client_key is not null;
comment on table public.messages is 'Every text in and out, in order within its thread';
comment on column public.messages.sequence is 'Position in the thread, 1 upwards without a gap';
comment on column public.messages.created_at is 'Of a customer''s text that reached us late, when it was sent: its place in the thread is where it was found';
comment on column public.messages.client_key is 'The sender''s idempotency key: the same key is the same message';
comment on column public.messages.intent is 'What a customer''s text asks for when it is a keyword and nothing else; of a STOP and a START the one said last counts';
comment on column public.messages.delayed_until is 'Until when it waited because its author sent faster than the organization lets one member send';
comment on column public.messages.carrier_holds_until is 'Until when the carrier keeps it, who then sends it; null when it is not scheduled there';
comment on column public.messages.error_text is 'The failure in words for an agent';
comment on column public.messages.status is 'Only ever rises in private.message_status_rank';

create table public.message_media (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null,
  message_id uuid not null,
  position smallint not null check (position >= 0),
  content_type text not null,
  size_bytes bigint check (size_bytes >= 0),
  provider_url text,
  storage_path text,
  status text not null default 'pending' check (status in ('pending', 'stored', 'failed')),
  failure_reason text,
  copy_attempts smallint not null default 0,
  copy_after timestamptz not null default now(),
  created_at timestamptz not null default now(),
  unique (message_id, position),
  foreign key (organization_id, message_id) references public.messages (organization_id, id) on delete cascade
);
create index message_media_pending_idx on public.message_media (copy_after) where status = 'pending';
create index message_media_message_idx on public.message_media (organization_id, message_id);
comment on table public.message_media is 'Pictures and files of a message; copied from the carrier into our own storage';

create table public.message_events (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null,
  message_id uuid not null,
  attempt_id uuid,
  event_key text not null,
  provider_status text not null,
  error_code text,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  unique (message_id, event_key),
  foreign key (organization_id, message_id) references public.messages (organization_id, id) on delete cascade
);
comment on table public.message_events is 'Each observation a carrier gave of a message, appended and never changed';

create function private.guard_message() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.status <> 'scheduled' then
    new.carrier_holds_until := null;
  end if;
  if new.status <> old.status and (
    private.message_status_rank(new.status) < private.message_status_rank(old.status)
    or private.message_status_rank(old.status) = 4
  )
  -- The carrier has it after all, and has not sent it yet.
  and not (old.status = 'unknown' and new.carrier_holds_until is not null) then
    raise exception 'message % cannot go from % to %', old.id, old.status, new.status;
  end if;
  if (new.organization_id, new.thread_id, new.sequence, new.direction)
    is distinct from (old.organization_id, old.thread_id, old.sequence, old.direction) then
    raise exception 'message % cannot change its place', old.id;
  end if;
  return new;
end;
$$;
comment on function private.guard_message() is 'Holds the forward-only rule, whoever updates the row';

create trigger messages_guard before update on public.messages
  for each row execute function private.guard_message();
create trigger messages_stamp before update on public.messages
  for each row execute function private.stamp_change();

alter table public.messages enable row level security;
alter table public.message_media enable row level security;
alter table public.message_events enable row level security;

create policy messages_select on public.messages for select to authenticated
  using (organization_id in (select private.my_organization_ids()));
create policy message_media_select on public.message_media for select to authenticated
  using (organization_id in (select private.my_organization_ids()));
create policy message_events_select on public.message_events for select to authenticated
  using (organization_id in (select private.my_organization_ids()));

grant select on public.messages, public.message_media, public.message_events to authenticated, service_role;
