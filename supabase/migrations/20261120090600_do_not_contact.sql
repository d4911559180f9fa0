-- Who must not be texted, and the record of how that came about.

create table public.dnc_entries (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  phone_number text not null check (private.is_phone_number(phone_number)),
  sms_blocked boolean not null default false,
  voice_blocked boolean not null default false,
  source text not null check (source in ('keyword', 'carrier', 'member', 'import', 'restart')),
  reason text not null default '',
  evidence_id uuid,
  actor_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, phone_number)
);
comment on table public.dnc_entries is 'The present do-not-contact state of a number within one organization; it never expires';
comment on column public.dnc_entries.evidence_id is 'The message that asked for it';

create table public.dnc_events (
  organization_id uuid not null references public.organizations (id) on delete restrict,
  sequence bigint not null,
  phone_number text not null,
  sms_blocked boolean not null,
  voice_blocked boolean not null,
  source text not null,
  reason text not null,
  evidence_id uuid,
  actor_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  previous_hash bytea not null,
  hash bytea not null,
  primary key (organization_id, sequence)
);
create index dnc_events_phone_number_idx on public.dnc_events (organization_id, phone_number, sequence);
comment on table public.dnc_events is
  'Every change of do-not-contact state, each line sealed with a hash over itself and the line before it';

create function private.seal_dnc_event(p_event public.dnc_events) returns bytea
language sql immutable
set search_path = ''
as $$
  select sha256(p_event.previous_hash || convert_to(jsonb_build_array(
    p_event.organization_id, p_event.sequence, p_event.phone_number, p_event.sms_blocked, p_event.voice_blocked,
    p_event.source, p_event.reason, p_event.evidence_id, p_event.actor_id,
    extract(epoch from p_event.created_at)::text
  )::text, 'UTF8'));
$$;
comment on function private.seal_dnc_event(public.dnc_events) is
  'SHA-256 over the previous hash and the event''s fields as a JSON array in column order';

create function private.record_dnc_event() returns trigger
language plpgsql
security definer -- nobody may write dnc_events directly
set search_path = ''
as $$
declare
  v_event public.dnc_events;
begin
  -- One writer of a chain at a time, or two events would name the same predecessor.
  perform pg_advisory_xact_lock(hashtextextended('dnc_events:' || new.organization_id::text, 0));
  select e.sequence, e.hash into v_event.sequence, v_event.previous_hash from public.dnc_events e
  where e.organization_id = new.organization_id order by e.sequence desc limit 1;
  v_event.organization_id := new.organization_id;
  v_event.sequence := coalesce(v_event.sequence, 0) + 1;
  v_event.previous_hash := coalesce(v_event.previous_hash, ''::bytea);
  v_event.phone_number := new.phone_number;
  v_event.sms_blocked := new.sms_blocked;
  v_event.voice_blocked := new.voice_blocked;
  v_event.source := new.source;
  v_event.reason := new.reason;
  v_event.evidence_id := new.evidence_id;
  v_event.actor_id := new.actor_id;
  v_event.created_at := clock_timestamp();
  v_event.hash := private.seal_dnc_event(v_event);
  insert into public.dnc_events select v_event.*;
  return null;
end;
$$;
comment on function private.record_dnc_event() is 'Writes the audit line of a change of do-not-contact state';

create function private.refuse_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception '% is append-only', tg_table_name;
end;
$$;
comment on function private.refuse_change() is 'Keeps an append-only table append-only, for its owner too';

create trigger dnc_entries_record after insert or update on public.dnc_entries
  for each row execute function private.record_dnc_event();
create trigger dnc_entries_touch before update on public.dnc_entries
  for each row execute function private.touch_row();
create trigger dnc_events_append_only before update or delete on public.dnc_events
  for each row execute function private.refuse_change();
create trigger dnc_events_no_truncate before truncate on public.dnc_events
  for each statement execute function private.refuse_change();

create function private.threads_of_recipient(p_organization_id uuid, p_phone_number text) returns uuid[]
language sql stable
set search_path = ''
as $$
  select array(
    select t.id from public.contacts c join public.threads t on t.contact_id = c.id
    where c.organization_id = p_organization_id and c.phone_number = p_phone_number
  );
$$;
comment on function private.threads_of_recipient(uuid, text) is 'Every thread of an organization with this number';

create function private.touch_threads_of_number() returns trigger
language plpgsql
security definer -- threads has no write grant
set search_path = ''
as $$
declare
  v_thread_ids constant uuid[] := private.threads_of_recipient(new.organization_id, new.phone_number);
begin
  perform private.lock_threads(v_thread_ids);
  update public.threads t set updated_at = now() where t.id = any (v_thread_ids);
  return null;
end;
$$;
comment on function private.touch_threads_of_number() is 'An opt-out changes every summary of that customer';
create trigger dnc_entries_changed after insert or update of sms_blocked on public.dnc_entries
  for each row execute function private.touch_threads_of_number();

create function private.lock_recipient(p_organization_id uuid, p_phone_number text) returns void
language sql volatile
set search_path = ''
as $$
  select pg_advisory_xact_lock(hashtextextended(p_organization_id::text || p_phone_number, 1));
$$;
comment on function private.lock_recipient(uuid, text) is
  'Held to the end of the transaction by whoever changes do-not-contact state, and shared by whoever is about to send';

create function private.share_recipient(p_organization_id uuid, p_phone_number text) returns void
language sql volatile
set search_path = ''
as $$
  select pg_advisory_xact_lock_shared(hashtextextended(p_organization_id::text || p_phone_number, 1));
$$;
comment on function private.share_recipient(uuid, text) is 'The sender''s side of lock_recipient';

create function private.try_share_recipient(p_organization_id uuid, p_phone_number text) returns boolean
language sql volatile
return pg_try_advisory_xact_lock_shared(hashtextextended(p_organization_id::text || p_phone_number, 1));
comment on function private.try_share_recipient(uuid, text) is 'share_recipient for those who must not wait: false when somebody holds lock_recipient';

create function private.lock_own_recipient() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.lock_recipient(new.organization_id, new.phone_number);
  return new;
end;
$$;
comment on function private.lock_own_recipient() is
  'Whoever writes an entry, no claim hands out a text to that number meanwhile. An update by hand should be an insert on conflict: that has locked nothing before';
create trigger dnc_entries_lock before insert or update of sms_blocked on public.dnc_entries
  for each row execute function private.lock_own_recipient();

create function private.is_opted_out(p_organization_id uuid, p_phone_number text) returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select 1 from public.dnc_entries d
    where d.organization_id = p_organization_id and d.phone_number = p_phone_number and d.sms_blocked
  );
$$;
comment on function private.is_opted_out(uuid, text) is 'True when this number must not be texted by this organization';

alter table public.dnc_entries enable row level security;
alter table public.dnc_events enable row level security;
create policy dnc_entries_select on public.dnc_entries for select to authenticated
  using (organization_id in (select private.my_organization_ids()));
create policy dnc_events_select on public.dnc_events for select to authenticated
  using (organization_id in (select private.my_organization_ids()));
grant select on public.dnc_entries, public.dnc_events to authenticated, service_role;
