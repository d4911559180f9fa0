-- Carrier accounts and the numbers we text from.

create table public.provider_accounts (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null check (provider in ('twilio', 'telnyx')),
  account_ref text not null check (account_ref <> ''),
  credentials_ref text not null check (credentials_ref ~ '^[a-z0-9_-]{1,64}$'),
  label text not null default '',
  status text not null default 'active' check (status in ('active', 'disabled')),
  requests_per_second numeric not null default 100 check (requests_per_second > 0),
  requests_in_flight integer not null default 10 check (requests_in_flight > 0),
  daily_cap integer check (daily_cap >= 0),
  paused_until timestamptz,
  pause_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (provider, account_ref, organization_id),
  unique (organization_id, id)
);
comment on table public.provider_accounts is 'An account at a carrier';
comment on column public.provider_accounts.account_ref is 'The carrier''s own id of the account (Twilio: Account SID)';
comment on column public.provider_accounts.requests_in_flight is
  'Most requests unanswered at a time; carriers count these rather than requests a second';
comment on column public.provider_accounts.daily_cap is 'Most segments in a day of the Pacific, when carriers begin to count anew; null is no cap';
comment on column public.provider_accounts.paused_until is 'Until then nothing is sent through this account; set by the breaker and by the carrier''s own limits';
comment on column public.provider_accounts.credentials_ref is
  'Name under which the worker and the webhook find the secret in their environment; the secret itself is never in a row';

create table public.phone_numbers (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider_account_id uuid not null,
  phone_number text not null,
  label text not null default '',
  sender_kind text not null default 'long_code' check (sender_kind in ('long_code', 'toll_free', 'short_code', 'ten_dlc')),
  segments_per_second numeric not null check (segments_per_second > 0),
  daily_cap integer check (daily_cap >= 0),
  messaging_service_ref text,
  status text not null default 'active' check (status in ('active', 'paused')),
  active_from timestamptz not null default now(),
  released_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (private.is_phone_number(phone_number) or sender_kind = 'short_code' and phone_number ~ '^[1-9][0-9]{4,5}$'),
  unique (organization_id, id),
  foreign key (organization_id, provider_account_id)
    references public.provider_accounts (organization_id, id) on delete restrict
);
create unique index phone_numbers_held_key on public.phone_numbers (phone_number) where released_at is null;
create index phone_numbers_history_idx on public.phone_numbers (phone_number, created_at);
create index phone_numbers_account_idx on public.phone_numbers (provider_account_id, organization_id);
comment on table public.phone_numbers is
  'Our numbers; one belongs to one organization at a time, and a released row stays as history';
comment on column public.phone_numbers.segments_per_second is
  'What the carrier lets this sender pass on, in SMS segments a second; unless it is given, the least its kind is known to have';

create function private.rate_new_number() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Twilio's own figures; of US 10DLC, whose rate depends on the campaign, that of the smallest class (75 a minute at AT&T).
  new.segments_per_second := coalesce(new.segments_per_second, case new.sender_kind
    when 'toll_free' then 3
    when 'short_code' then 100
    else 1
  end);
  return new;
end;
$$;
comment on function private.rate_new_number() is 'Gives a number the rate of its kind when none is given';

create trigger phone_numbers_rate before insert on public.phone_numbers
  for each row execute function private.rate_new_number();
create trigger provider_accounts_touch before update on public.provider_accounts
  for each row execute function private.touch_row();
create trigger phone_numbers_touch before update on public.phone_numbers
  for each row execute function private.touch_row();

alter table public.provider_accounts enable row level security;
alter table public.phone_numbers enable row level security;

create policy provider_accounts_select on public.provider_accounts for select to authenticated
  using (organization_id in (select private.my_admin_organization_ids()));
create policy phone_numbers_select on public.phone_numbers for select to authenticated
  using (organization_id in (select private.my_organization_ids()));
create policy phone_numbers_update on public.phone_numbers for update to authenticated
  using (organization_id in (select private.my_admin_organization_ids()))
  with check (organization_id in (select private.my_admin_organization_ids()));

grant select on public.provider_accounts, public.phone_numbers to authenticated, service_role;
grant update (label) on public.phone_numbers to authenticated;
