-- When people may be texted: dated rules as rows, the organization's choice among them, and who may change it.

alter table public.organizations
  add column quiet_hours_preset text not null default 'safe'
    constraint organizations_quiet_hours_preset_check check (quiet_hours_preset in ('federal', 'states', 'safe')),
  add column quiet_hours_for_transactional boolean not null default true,
  add column countries_enabled text[] not null default '{US}';
comment on column public.organizations.quiet_hours_preset is
  'Which shipped rules bind this organization; each preset holds the ones before it: federal, states, safe';
comment on column public.organizations.quiet_hours_for_transactional is
  'Whether reminders and receipts wait for the window as marketing does';
comment on column public.organizations.countries_enabled is
  'ISO 3166-1 codes of the countries texted; decides how far west and east a number without a place may be';

create table public.quiet_hours_rules (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid references public.organizations (id) on delete cascade,
  preset text check (preset in ('federal', 'states', 'safe')),
  region text not null check (region ~ '^(\*|[A-Z]{2}(-[A-Z0-9]{1,3})?)$'),
  message_class text not null default 'marketing' check (message_class in ('marketing', 'transactional')),
  weekdays smallint[] not null check (cardinality(weekdays) > 0 and weekdays <@ '{1,2,3,4,5,6,7}'),
  opens_at time(0),
  closes_at time(0),
  effective_from date not null check (isfinite(effective_from)),
  effective_to date check (effective_to >= effective_from and isfinite(effective_to)),
  source text not null check (char_length(source) between 1 and 500),
  confidence text not null check (confidence in ('law', 'secondary', 'own')),
  version text not null,
  created_by uuid,
  created_at timestamptz not null default now(),
  check ((organization_id is null) = (preset is not null)),
  check ((opens_at is null) = (closes_at is null)),
  check (opens_at < closes_at),
  check (extract(second from opens_at) = 0 and extract(second from closes_at) = 0)
);
create index quiet_hours_rules_organization_id_idx on public.quiet_hours_rules (organization_id);
comment on table public.quiet_hours_rules is
  'When a text may go, in the recipient''s own time. Every row takes time away: all that apply must be open. Rows are added and ended, never rewritten, so that an old decision can be explained';
comment on column public.quiet_hours_rules.organization_id is 'Null: shipped with Threadline, the same for everybody, edited by nobody';
comment on column public.quiet_hours_rules.region is
  '*, a country (ISO 3166-1) with all its states, or a state (ISO 3166-2: US-TX)';
comment on column public.quiet_hours_rules.message_class is
  'A rule for marketing binds transactional messages too; a rule for transactional messages binds those alone';
comment on column public.quiet_hours_rules.weekdays is 'ISO weekdays, 1 Monday to 7 Sunday';
comment on column public.quiet_hours_rules.opens_at is 'First local minute in which a text may go; null: none on these days';
comment on column public.quiet_hours_rules.closes_at is 'First local minute in which it may not any more; 24:00 is the end of the day';
comment on column public.quiet_hours_rules.effective_from is
  'First local day it holds. 2020-01-01 where the source of a shipped row gives none';
comment on column public.quiet_hours_rules.effective_to is 'First local day it no longer holds';
comment on column public.quiet_hours_rules.confidence is
  'law: read in the law or a law firm''s summary; secondary: other sources; own: a choice, not a law';
comment on column public.quiet_hours_rules.version is 'What a decision records: one name and number for the rows of one wording';
comment on column public.quiet_hours_rules.created_by is 'auth.users id without a foreign key: the record outlives the account';

alter table public.quiet_hours_rules enable row level security;
create policy quiet_hours_rules_select on public.quiet_hours_rules for select to authenticated
  using (organization_id is null or organization_id in (select private.my_organization_ids()));
grant select on public.quiet_hours_rules to authenticated, service_role;

-- Not legal advice: each row names where it comes from, and docs/quiet-hours.md says how far to trust it.
insert into public.quiet_hours_rules
  (preset, region, weekdays, opens_at, closes_at, effective_from, source, confidence, version)
select r.preset, r.region, r.weekdays::smallint[], r.opens_at::time, r.closes_at::time, r.effective_from::date, r.source,
  r.confidence, case when r.preset = 'states' then r.region else r.preset end || '/1'
from (values
  ('federal', '*', '{1,2,3,4,5,6,7}', '08:00', '21:00', '2020-01-01', 'law',
    '47 CFR 64.1200(c)(1): no telephone solicitation before 8:00 or after 21:00 at the called party'),
  ('states', 'US-FL', '{1,2,3,4,5,6,7}', '08:00', '20:00', '2020-01-01', 'secondary',
    'Florida Telephone Solicitation Act'),
  ('states', 'US-OK', '{1,2,3,4,5,6,7}', '08:00', '20:00', '2020-01-01', 'secondary',
    'Oklahoma Telephone Solicitation Act of 2022'),
  ('states', 'US-MD', '{1,2,3,4,5,6,7}', '08:00', '20:00', '2024-01-01', 'secondary',
    'Maryland, in force since 2024-01-01'),
  ('states', 'US-WA', '{1,2,3,4,5,6,7}', '08:00', '20:00', '2020-01-01', 'law',
    'RCW 80.36.390 and 19.158.040; that texts count is arguable'),
  ('states', 'US-OR', '{1,2,3,4,5,6,7}', '08:00', '20:00', '2026-01-01', 'law',
    'HB 3865, in force since 2026-01-01'),
  ('states', 'US-TX', '{1,2,3,4,5,6}', '09:00', '21:00', '2025-09-01', 'law',
    'SB 140, in force since 2025-09-01'),
  ('states', 'US-TX', '{7}', '12:00', '21:00', '2025-09-01', 'law',
    'SB 140, in force since 2025-09-01'),
  ('states', 'US-CT', '{1,2,3,4,5,6,7}', '09:00', '20:00', '2023-10-01', 'secondary',
    'Connecticut, in force since 2023-10-01'),
  ('states', 'US-NJ', '{1,2,3,4,5,6,7}', '08:00', '20:00', '2020-01-01', 'secondary',
    'New Jersey; sources disagree on 20:00 or 21:00'),
  ('states', 'US-VA', '{1,2,3,4,5,6,7}', '08:00', '21:00', '2026-01-01', 'secondary',
    'SB 1339, in force since 2026-01-01'),
  ('states', 'US-AL', '{1,2,3,4,5,6}', '08:00', '20:00', '2020-01-01', 'secondary',
    'State telephone solicitation law: none on Sunday, nor on holidays, which are not in this table'),
  ('states', 'US-AL', '{7}', null, null, '2020-01-01', 'secondary',
    'State telephone solicitation law: none on Sunday, nor on holidays, which are not in this table'),
  ('states', 'US-LA', '{1,2,3,4,5,6}', '08:00', '20:00', '2020-01-01', 'secondary',
    'State telephone solicitation law: none on Sunday, nor on holidays, which are not in this table'),
  ('states', 'US-LA', '{7}', null, null, '2020-01-01', 'secondary',
    'State telephone solicitation law: none on Sunday, nor on holidays, which are not in this table'),
  ('states', 'US-MS', '{1,2,3,4,5,6}', '08:00', '20:00', '2020-01-01', 'secondary',
    'State telephone solicitation law: none on Sunday, nor on holidays, which are not in this table'),
  ('states', 'US-MS', '{7}', null, null, '2020-01-01', 'secondary',
    'State telephone solicitation law: none on Sunday, nor on holidays, which are not in this table'),
  ('states', 'US-MA', '{1,2,3,4,5,6,7}', '08:00', '20:00', '2020-01-01', 'secondary',
    'Massachusetts'),
  ('states', 'US-NV', '{1,2,3,4,5,6,7}', '09:00', '20:00', '2020-01-01', 'secondary',
    'Nevada'),
  ('states', 'US-KY', '{1,2,3,4,5,6,7}', '10:00', '21:00', '2020-01-01', 'secondary',
    'Kentucky'),
  ('states', 'US-MI', '{1,2,3,4,5,6,7}', '09:00', '21:00', '2020-01-01', 'secondary',
    'State telephone solicitation law'),
  ('states', 'US-MN', '{1,2,3,4,5,6,7}', '09:00', '21:00', '2020-01-01', 'secondary',
    'State telephone solicitation law'),
  ('states', 'US-NM', '{1,2,3,4,5,6,7}', '09:00', '21:00', '2020-01-01', 'secondary',
    'State telephone solicitation law'),
  ('states', 'US-RI', '{1,2,3,4,5}', '09:00', '18:00', '2020-01-01', 'secondary',
    'Rhode Island; no window is named for Sunday, so none is assumed'),
  ('states', 'US-RI', '{6}', '10:00', '17:00', '2020-01-01', 'secondary',
    'Rhode Island; no window is named for Sunday, so none is assumed'),
  ('states', 'US-RI', '{7}', null, null, '2020-01-01', 'secondary',
    'Rhode Island; no window is named for Sunday, so none is assumed'),
  ('safe', '*', '{1,2,3,4,5,6}', '09:00', '20:00', '2020-01-01', 'own',
    'Our own caution: inside nearly every state window without knowing the state'),
  ('safe', '*', '{7}', '12:00', '20:00', '2020-01-01', 'own',
    'Our own caution: inside nearly every state window without knowing the state')
) as r (preset, region, weekdays, opens_at, closes_at, effective_from, confidence, source);

create function private.today_in(p_organization_id uuid) returns date
language sql stable
set search_path = ''
as $$
  select (now() at time zone o.time_zone)::date from public.organizations o where o.id = p_organization_id;
$$;
comment on function private.today_in(uuid) is 'The date on the organization''s own calendar';

create function private.set_quiet_hours(
  p_organization_id uuid, p_preset text, p_quiet_hours_for_transactional boolean, p_countries_enabled text[]
) returns void
language plpgsql volatile
security definer -- these columns have no write grant, so that no change goes without its audit line
set search_path = ''
as $$
begin
  perform private.require_admin(p_organization_id);
  if p_preset not in ('federal', 'states', 'safe') then
    raise exception using errcode = 'TL002', message = 'The quiet hours presets are federal, states and safe';
  end if;
  if cardinality(p_countries_enabled) = 0
    or exists (select 1 from unnest(p_countries_enabled) as c (code) where c.code is null or c.code !~ '^[A-Z]{2}$') then
    raise exception using errcode = 'TL002', message = 'Name countries by their two-letter codes, at least one';
  end if;
  update public.organizations o
  set quiet_hours_preset = coalesce(p_preset, o.quiet_hours_preset),
    quiet_hours_for_transactional = coalesce(p_quiet_hours_for_transactional, o.quiet_hours_for_transactional),
    countries_enabled = coalesce(p_countries_enabled, o.countries_enabled)
  where o.id = p_organization_id;
  perform private.write_audit(p_organization_id, 'quiet_hours_changed', 'organization', p_organization_id::text,
    jsonb_strip_nulls(jsonb_build_object('preset', p_preset,
      'quiet_hours_for_transactional', p_quiet_hours_for_transactional, 'countries_enabled', p_countries_enabled)));
end;
$$;
comment on function private.set_quiet_hours(uuid, text, boolean, text[]) is 'Changes an organization''s choice of quiet hours';

create function public.set_quiet_hours(
  p_organization_id uuid, p_preset text default null, p_quiet_hours_for_transactional boolean default null,
  p_countries_enabled text[] default null
) returns void
language sql volatile
set search_path = ''
as $$
  select private.set_quiet_hours(p_organization_id, p_preset, p_quiet_hours_for_transactional, p_countries_enabled);
$$;
comment on function public.set_quiet_hours(uuid, text, boolean, text[]) is
  'Chooses the preset, whether it binds transactional messages, and the countries texted; what is null stays. Admins. Errors: TL001, TL002';

create function private.check_quiet_hours_rule(p_rule public.quiet_hours_rules, p_today date) returns void
language plpgsql immutable
set search_path = ''
as $$
begin
  if coalesce(p_rule.region, '') !~ '^(\*|[A-Z]{2}(-[A-Z0-9]{1,3})?)$' then
    raise exception using errcode = 'TL002', message = 'Name the region as *, a country (US) or a state (US-TX)';
  end if;
  if coalesce(p_rule.message_class, '') not in ('marketing', 'transactional') then
    raise exception using errcode = 'TL002', message = 'A rule is for marketing or for transactional messages';
  end if;
  if coalesce(cardinality(p_rule.weekdays), 0) = 0 or not p_rule.weekdays <@ '{1,2,3,4,5,6,7}' then
    raise exception using errcode = 'TL002', message = 'Weekdays are numbers from 1 (Monday) to 7 (Sunday)';
  end if;
  if (p_rule.opens_at is null) <> (p_rule.closes_at is null) or p_rule.opens_at >= p_rule.closes_at then
    raise exception using errcode = 'TL002',
      message = 'The window opens before it closes, on the same day; leave both out for a day without texts';
  end if;
  if extract(second from p_rule.opens_at) <> 0 or extract(second from p_rule.closes_at) <> 0 then
    raise exception using errcode = 'TL002', message = 'Times are whole minutes';
  end if;
  if p_rule.effective_from < p_today or p_rule.effective_to <= p_rule.effective_from
    or not isfinite(p_rule.effective_from) or not isfinite(p_rule.effective_to) then
    raise exception using errcode = 'TL002', message = 'A rule begins today or later, and ends after it began';
  end if;
  if coalesce(char_length(p_rule.source), 0) not between 1 and 500 then
    raise exception using errcode = 'TL002', message = 'Say in 1 to 500 characters where the rule comes from';
  end if;
end;
$$;
comment on function private.check_quiet_hours_rule(public.quiet_hours_rules, date) is
  'Refuses rules that make no sense, in words for an admin. Error: TL002';

create function private.add_quiet_hours_rule(p_rule public.quiet_hours_rules) returns uuid
language plpgsql volatile
security definer -- quiet_hours_rules has no write grant, so that no change goes without its audit line
set search_path = ''
as $$
declare
  v_today constant date := private.today_in(p_rule.organization_id);
begin
  perform private.require_admin(p_rule.organization_id);
  -- One rule at a time, so that every rule gets a number of its own.
  perform 1 from public.organizations o where o.id = p_rule.organization_id for no key update;
  p_rule.id := private.uuid_v7();
  p_rule.preset := null;
  p_rule.effective_from := coalesce(p_rule.effective_from, v_today);
  p_rule.source := btrim(p_rule.source);
  p_rule.confidence := 'own';
  p_rule.created_by := (select auth.uid());
  p_rule.created_at := now();
  perform private.check_quiet_hours_rule(p_rule, v_today);
  select 'own/' || count(*) + 1 into p_rule.version
  from public.quiet_hours_rules r where r.organization_id = p_rule.organization_id;
  insert into public.quiet_hours_rules select p_rule.*;
  perform private.write_audit(p_rule.organization_id, 'quiet_hours_rule_added', 'quiet_hours_rule', p_rule.id::text,
    to_jsonb(p_rule) - '{id,organization_id,preset,created_by,created_at}'::text[]);
  return p_rule.id;
end;
$$;
comment on function private.add_quiet_hours_rule(public.quiet_hours_rules) is 'Adds a rule of an organization''s own';

create function public.add_quiet_hours_rule(
  p_organization_id uuid, p_weekdays smallint[], p_opens_at time, p_closes_at time, p_source text,
  p_region text default '*', p_message_class text default 'marketing', p_effective_from date default null,
  p_effective_to date default null
) returns uuid
language sql volatile
set search_path = ''
as $$
  select private.add_quiet_hours_rule(jsonb_populate_record(null::public.quiet_hours_rules, jsonb_build_object(
    'organization_id', p_organization_id, 'weekdays', p_weekdays, 'opens_at', p_opens_at, 'closes_at', p_closes_at,
    'source', p_source, 'region', p_region, 'message_class', p_message_class, 'effective_from', p_effective_from,
    'effective_to', p_effective_to
  )));
$$;
comment on function public.add_quiet_hours_rule(uuid, smallint[], time, time, text, text, text, date, date) is
  'Adds a rule on top of the preset, from today (the organization''s calendar) or later; no times: no texts on these days. Returns its id. Admins. Errors: TL001, TL002';

create function private.end_quiet_hours_rule(p_rule_id uuid, p_effective_to date) returns void
language plpgsql volatile
security definer -- quiet_hours_rules has no write grant, so that no change goes without its audit line
set search_path = ''
as $$
declare
  v_rule public.quiet_hours_rules;
  v_today date;
  v_end date;
begin
  select r.* into v_rule from public.quiet_hours_rules r where r.id = p_rule_id for update;
  perform private.require_admin(v_rule.organization_id);
  v_today := private.today_in(v_rule.organization_id);
  v_end := greatest(coalesce(p_effective_to, v_today), v_rule.effective_from);
  if p_effective_to < v_today or v_rule.effective_to <= v_today or not isfinite(v_end) then
    raise exception using errcode = 'TL002', message = 'A rule ends today or later, and an ended rule stays as it was';
  end if;
  update public.quiet_hours_rules r set effective_to = v_end where r.id = p_rule_id;
  perform private.write_audit(v_rule.organization_id, 'quiet_hours_rule_ended', 'quiet_hours_rule', p_rule_id::text,
    jsonb_build_object('version', v_rule.version, 'effective_to', v_end));
end;
$$;
comment on function private.end_quiet_hours_rule(uuid, date) is 'Gives a rule of an organization''s own its last day';

create function public.end_quiet_hours_rule(p_rule_id uuid, p_effective_to date default null) returns void
language sql volatile
set search_path = ''
as $$ select private.end_quiet_hours_rule(p_rule_id, p_effective_to); $$;
comment on function public.end_quiet_hours_rule(uuid, date) is
  'Ends a rule of the organization''s own: p_effective_to, by default today, is the first day without it. Admins. Errors: TL001, TL002';

grant execute on function
  private.set_quiet_hours(uuid, text, boolean, text[]), public.set_quiet_hours(uuid, text, boolean, text[]),
  private.add_quiet_hours_rule(public.quiet_hours_rules),
  public.add_quiet_hours_rule(uuid, smallint[], time, time, text, text, text, date, date),
  private.end_quiet_hours_rule(uuid, date), public.end_quiet_hours_rule(uuid, date)
to authenticated;

create table public.number_prefixes (
  prefix text primary key check (prefix ~ '^[1-9][0-9]{0,3}$'),
  found_by text not null check (found_by in ('area_code', 'country')),
  zones text[] not null check (cardinality(zones) > 0),
  regions text[] not null check (cardinality(regions) > 0)
);
comment on table public.number_prefixes is
  'Where the holder of a number may be, by the longest prefix. Reference data, written by generated migrations';
comment on column public.number_prefixes.prefix is
  'Digits after the +: 1 and the area code, or the calling code of a country outside the North American plan';
comment on column public.number_prefixes.zones is 'IANA names of every zone seen for it';
comment on column public.number_prefixes.regions is
  'States and provinces (ISO 3166-2: US-TX), or countries (ISO 3166-1: JM)';

alter table public.number_prefixes enable row level security;
create policy number_prefixes_select on public.number_prefixes for select to authenticated using (true);
grant select on public.number_prefixes to authenticated, service_role;
