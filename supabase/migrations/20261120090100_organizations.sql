-- Tenants, their members, and how people join.

create table public.organizations (
  id uuid primary key default private.uuid_v7(),
  name text not null check (char_length(btrim(name)) between 1 and 120),
  slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  time_zone text not null default 'America/New_York',
  agent_sends_per_minute integer default 600 check (agent_sends_per_minute > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.organizations is 'A tenant: everything else belongs to exactly one';
comment on column public.organizations.agent_sends_per_minute is
  'So many messages of one member go out at once, and more as fast as that in a minute; the rest waits its turn. Null is no limit';

create table public.members (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'agent')),
  display_name text not null check (char_length(btrim(display_name)) between 1 and 80),
  email text not null,
  status text not null default 'active' check (status in ('active', 'suspended')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, user_id)
);
create index members_user_id_idx on public.members (user_id);
comment on table public.members is 'Who works in an organization and as what; a suspended member has no access from that moment on';

create table public.invitations (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  email text not null check (email = lower(email) and email like '%_@_%'),
  role text not null check (role in ('owner', 'admin', 'agent')),
  token_hash bytea not null unique,
  invited_by uuid references auth.users (id) on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid references auth.users (id) on delete set null,
  revoked_at timestamptz
);
create unique index invitations_open_key on public.invitations (organization_id, email)
  where accepted_at is null and revoked_at is null;
create index invitations_organization_id_idx on public.invitations (organization_id, created_at desc);
create index invitations_invited_by_idx on public.invitations (invited_by);
create index invitations_accepted_by_idx on public.invitations (accepted_by);
comment on table public.invitations is 'An offer to join; only a hash of the token is kept';

create table public.audit_logs (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  actor_id uuid,
  action text not null,
  subject_kind text not null,
  subject_id text not null,
  details jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index audit_logs_organization_id_idx on public.audit_logs (organization_id, created_at desc);
comment on table public.audit_logs is 'Who did what; rows are only ever added';
comment on column public.audit_logs.actor_id is 'auth.users id without a foreign key: the record outlives the account';

create function private.my_organization_ids() returns setof uuid
language sql stable
security definer -- members is itself guarded by this function
set search_path = ''
as $$
  select m.organization_id from public.members m
  where m.user_id = (select auth.uid()) and m.status = 'active';
$$;
comment on function private.my_organization_ids() is 'Organizations in which the caller is an active member';

create function private.my_admin_organization_ids() returns setof uuid
language sql stable
security definer -- members is itself guarded by this function
set search_path = ''
as $$
  select m.organization_id from public.members m
  where m.user_id = (select auth.uid()) and m.status = 'active' and m.role in ('owner', 'admin');
$$;
comment on function private.my_admin_organization_ids() is 'Organizations in which the caller is an active owner or admin';
grant execute on function private.my_organization_ids(), private.my_admin_organization_ids() to authenticated;

create function private.require_admin(p_organization_id uuid) returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if p_organization_id is null or p_organization_id not in (select private.my_admin_organization_ids()) then
    raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
  end if;
end;
$$;
comment on function private.require_admin(uuid) is 'Raises TL001 unless the caller is an active owner or admin';

create function private.write_audit(
  p_organization_id uuid, p_action text, p_subject_kind text, p_subject_id text, p_details jsonb default '{}'
) returns void
language sql volatile
set search_path = ''
as $$
  insert into public.audit_logs (organization_id, actor_id, action, subject_kind, subject_id, details)
  values (p_organization_id, (select auth.uid()), p_action, p_subject_kind, p_subject_id, p_details);
$$;
comment on function private.write_audit(uuid, text, text, text, jsonb) is 'Adds one line to the audit log in the caller''s name';

create trigger organizations_touch before update on public.organizations
  for each row execute function private.touch_row();
create trigger members_touch before update on public.members
  for each row execute function private.touch_row();

alter table public.organizations enable row level security;
alter table public.members enable row level security;
alter table public.invitations enable row level security;
alter table public.audit_logs enable row level security;

create policy organizations_select on public.organizations for select to authenticated
  using (id in (select private.my_organization_ids()));
create policy organizations_update on public.organizations for update to authenticated
  using (id in (select private.my_admin_organization_ids()))
  with check (id in (select private.my_admin_organization_ids()));
create policy members_select on public.members for select to authenticated
  using (organization_id in (select private.my_organization_ids()));
create policy invitations_select on public.invitations for select to authenticated
  using (organization_id in (select private.my_admin_organization_ids()));
create policy audit_logs_select on public.audit_logs for select to authenticated
  using (organization_id in (select private.my_admin_organization_ids()));

grant select on public.organizations, public.members, public.audit_logs to authenticated, service_role;
grant update (name, time_zone) on public.organizations to authenticated;
-- The token's hash stays out of reach, so this is the one table whose readable columns are listed.
grant select (id, organization_id, email, role, invited_by, created_at, expires_at, accepted_at, accepted_by, revoked_at)
  on public.invitations to authenticated, service_role;

create function private.check_time_zone() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.time_zone is not null and not exists (select 1 from pg_catalog.pg_timezone_names where name = new.time_zone) then
    raise exception using errcode = 'TL002', message = format('There is no time zone called "%s"', new.time_zone);
  end if;
  return new;
end;
$$;
comment on function private.check_time_zone() is 'Refuses time zones the database does not know';
create trigger organizations_time_zone before insert or update of time_zone on public.organizations
  for each row execute function private.check_time_zone();
