-- Customers, and the one thread each has with each of our numbers.

create table public.contacts (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  phone_number text not null check (private.is_phone_number(phone_number)),
  name text check (char_length(name) <= 120),
  time_zone text,
  attributes jsonb not null default '{}' check (jsonb_typeof(attributes) = 'object'),
  tags text[] not null default '{}',
  last_contact_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, phone_number),
  unique (id, organization_id)
) with (fillfactor = 85);
comment on table public.contacts is 'A customer, known by phone number within one organization';
comment on column public.contacts.time_zone is 'IANA name when known; otherwise candidates come from the area code';

create table public.threads (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  contact_id uuid not null,
  phone_number_id uuid not null,
  status text not null default 'open' check (status in ('open', 'snoozed', 'closed')),
  snoozed_until timestamptz check ((snoozed_until is not null) = (status = 'snoozed')),
  assignee_id uuid,
  last_message_id uuid,
  last_message_at timestamptz not null default now(),
  last_sequence integer not null default 0,
  last_inbound_sequence integer not null default 0,
  change_xid xid8 not null default pg_current_xact_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (contact_id, phone_number_id),
  unique (id, organization_id),
  foreign key (organization_id, contact_id) references public.contacts (organization_id, id) on delete cascade,
  foreign key (organization_id, phone_number_id) references public.phone_numbers (organization_id, id) on delete restrict,
  -- The column list keeps the organization when the member leaves.
  foreign key (organization_id, assignee_id) references public.members (organization_id, user_id)
    on delete set null (assignee_id)
);
create index threads_inbox_idx on public.threads (organization_id, last_message_at desc, id desc);
create index threads_changes_idx on public.threads (organization_id, change_xid, id);
create index threads_assignee_idx on public.threads (assignee_id, organization_id) where assignee_id is not null;
comment on table public.threads is 'The conversation between one contact and one of our numbers';
comment on column public.threads.change_xid is 'Transaction of the last change; inbox_changes reads by it';
comment on column public.threads.last_message_at is '-infinity while the thread only waits for the first message of a program: it is not in the inbox yet';
comment on column public.threads.last_sequence is 'Sequence of the newest message; 0 while there is none';

create table public.thread_reads (
  thread_id uuid not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  organization_id uuid not null,
  last_read_sequence integer not null default 0,
  change_xid xid8 not null default pg_current_xact_id(),
  updated_at timestamptz not null default now(),
  primary key (thread_id, user_id),
  foreign key (organization_id, thread_id) references public.threads (organization_id, id) on delete cascade
);
create index thread_reads_changes_idx on public.thread_reads (user_id, organization_id, change_xid, thread_id);
create index thread_reads_thread_idx on public.thread_reads (organization_id, thread_id);
comment on table public.thread_reads is 'Up to where each member has read each thread';

create trigger contacts_touch before update on public.contacts
  for each row execute function private.touch_row();
create trigger contacts_time_zone before insert or update of time_zone on public.contacts
  for each row execute function private.check_time_zone();
create trigger threads_stamp before update on public.threads
  for each row execute function private.stamp_change();
create trigger thread_reads_stamp before update on public.thread_reads
  for each row execute function private.stamp_change();

create function private.lock_threads(p_thread_ids uuid[]) returns void
language sql volatile
set search_path = ''
as $$
  select 1 from public.threads t where t.id = any (p_thread_ids) order by t.id for no key update;
$$;
comment on function private.lock_threads(uuid[]) is
  'Locks are taken in one order by everybody, so that nobody waits in a circle: recipient, contact, threads by id, attempt, number, recall, queue, job, message';

create function private.touch_threads_of_contacts() returns trigger
language plpgsql
security definer -- threads has no write grant, but a member may rename a contact
set search_path = ''
as $$
declare
  v_contact_ids constant uuid[] := array(
    select n.id from new_rows n join old_rows o on o.id = n.id
    where (n.name, n.time_zone) is distinct from (o.name, o.time_zone)
  );
begin
  if cardinality(v_contact_ids) = 0 then
    return null;
  end if;
  perform private.lock_threads(array(select t.id from public.threads t where t.contact_id = any (v_contact_ids)));
  update public.threads t set updated_at = now() where t.contact_id = any (v_contact_ids);
  -- Another zone has other hours: what stands in the queue is asked again when it is claimed, the rest when it is due.
  update public.message_jobs j set window_until = clock_timestamp()
  from new_rows n join old_rows o on o.id = n.id join public.threads t on t.contact_id = n.id
  where n.time_zone is distinct from o.time_zone and j.thread_id = t.id and j.status = 'queued'
    and j.window_until is not null;
  return null;
end;
$$;
comment on function private.touch_threads_of_contacts() is
  'A renamed contact changes every summary that shows the name, and one who lives elsewhere the hours of what waits';
create trigger contacts_changed after update on public.contacts
  referencing old table as old_rows new table as new_rows
  for each statement execute function private.touch_threads_of_contacts();

alter table public.contacts enable row level security;
alter table public.threads enable row level security;
alter table public.thread_reads enable row level security;

create policy contacts_select on public.contacts for select to authenticated
  using (organization_id in (select private.my_organization_ids()));
create policy contacts_update on public.contacts for update to authenticated
  using (organization_id in (select private.my_organization_ids()))
  with check (organization_id in (select private.my_organization_ids()));
create policy threads_select on public.threads for select to authenticated
  using (organization_id in (select private.my_organization_ids()));
create policy thread_reads_select on public.thread_reads for select to authenticated
  using (organization_id in (select private.my_organization_ids()));

grant select on public.contacts, public.threads, public.thread_reads to authenticated, service_role;
grant update (name, time_zone, tags, attributes) on public.contacts to authenticated;
