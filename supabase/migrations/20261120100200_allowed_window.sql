-- When a message may go: where the recipient may be, which rules bind it, and the hours all of them leave open.
-- packages/messaging/src/quiet-hours.ts previews the same decisions; a test holds the two together.

create function private.candidate_zones(
  p_organization_id uuid, p_phone_number text, p_contact_time_zone text,
  out zones text[], out regions text[], out found_by text
)
language plpgsql stable
set search_path = ''
as $$
declare
  c_digits constant text := substr(p_phone_number, 2);
  v_canada boolean;
begin
  select p.zones, p.regions, p.found_by into zones, regions, found_by
  from public.number_prefixes p
  where p.prefix in (left(c_digits, 4), left(c_digits, 3), left(c_digits, 2), left(c_digits, 1))
  order by length(p.prefix) desc
  limit 1;
  if zones is null then
    -- Toll-free, personal and unassigned codes: from one end of the country to the other.
    select 'CA' = any (o.countries_enabled) into v_canada from public.organizations o where o.id = p_organization_id;
    zones := '{America/New_York,America/Chicago,America/Denver,America/Phoenix,America/Los_Angeles,America/Anchorage,America/Adak,Pacific/Honolulu}';
    if v_canada then
      zones := zones || '{America/Halifax,America/St_Johns}'::text[];
    end if;
    regions := case when c_digits !~ '^1' then '{}' when v_canada then '{US,CA}' else '{US}' end;
    found_by := 'unknown';
  end if;
  if p_contact_time_zone is not null then
    -- The regions stay those of the number: several states presume residence from it.
    zones := array[p_contact_time_zone];
    found_by := 'contact';
  end if;
end;
$$;
comment on function private.candidate_zones(uuid, text, text) is
  'Where the holder of a number may be: the contact''s own zone, else all zones of the area code, else of the country, else every zone from New York to Honolulu';

create function private.is_exempt(p_organization_id uuid, p_message_class text) returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  case p_message_class
    when 'marketing' then return false;
    when 'conversational', 'urgent' then return true;
    when 'transactional' then
      return exists (
        select 1 from public.organizations o where o.id = p_organization_id and not o.quiet_hours_for_transactional
      );
    else
      raise exception using errcode = 'TL002',
        message = 'A message is conversational, transactional, marketing or urgent';
  end case;
end;
$$;
comment on function private.is_exempt(uuid, text) is 'True for the message classes that quiet hours do not bind here. Error: TL002 unknown class';

create function private.binding_rules(p_organization_id uuid, p_regions text[], p_message_class text)
returns setof public.quiet_hours_rules
language plpgsql stable rows 5
set search_path = ''
set plan_cache_mode = force_generic_plan -- planning costs five times what running does
as $$
declare
  c_presets constant text[] := '{federal,states,safe}';
  -- A rule for a country binds its states too.
  c_places constant text[] := p_regions || '*'::text || array(select left(p.name, 2) from unnest(p_regions) as p (name));
  v_reach integer;
begin
  select array_position(c_presets, o.quiet_hours_preset) into v_reach
  from public.organizations o where o.id = p_organization_id;
  return query
    select r.* from public.quiet_hours_rules r
    where (r.organization_id = p_organization_id or r.organization_id is null)
      and (r.preset is null or r.preset = any (c_presets[1:v_reach]))
      and r.message_class in ('marketing', p_message_class)
      and r.region = any (c_places);
end;
$$;
comment on function private.binding_rules(uuid, text[], text) is
  'The rules that bind a message of this class to somebody in these regions, of any date: the preset''s, those of the presets it contains, and the organization''s own';

create function private.utc_offset(p_zone text, p_at timestamptz) returns interval
language sql immutable
return (p_at at time zone p_zone) - (p_at at time zone 'UTC');
comment on function private.utc_offset(text, timestamptz) is 'How far a zone''s clock is ahead of UTC at an instant';

create function private.clock_spans(p_zone text, p_from timestamptz, p_to timestamptz)
returns table (span tstzrange, utc_offset interval)
language plpgsql immutable rows 1
set search_path = ''
as $$
declare
  v_start timestamptz := p_from;
  v_before timestamptz := p_from;
  v_after timestamptz;
  v_middle timestamptz;
begin
  utc_offset := private.utc_offset(p_zone, p_from);
  while v_before < p_to loop
    -- No zone changes its clock and takes that back within a week.
    v_after := least(v_before + interval '168 hours', p_to);
    if private.utc_offset(p_zone, v_after) = utc_offset then
      v_before := v_after;
      continue;
    end if;
    while v_after - v_before > interval '1 microsecond' loop
      v_middle := v_before + (v_after - v_before) / 2;
      if private.utc_offset(p_zone, v_middle) = utc_offset then
        v_before := v_middle;
      else
        v_after := v_middle;
      end if;
    end loop;
    span := tstzrange(v_start, v_after);
    return next;
    v_start := v_after;
    v_before := v_after;
    utc_offset := private.utc_offset(p_zone, v_after);
  end loop;
  span := tstzrange(v_start, p_to);
  return next;
end;
$$;
comment on function private.clock_spans(text, timestamptz, timestamptz) is
  'The stretches of time in which a zone''s clock runs evenly, each with its distance from UTC';

create function private.open_hours(
  p_zones text[], p_rules public.quiet_hours_rules[], p_from timestamptz, p_to timestamptz
) returns table (zone text, place bigint, hours tstzmultirange)
language plpgsql stable
set search_path = ''
set plan_cache_mode = force_generic_plan -- planning costs five times what running does
as $$
begin
  return query
    with days as (
      select g.day::date as day
      from generate_series((p_from at time zone 'UTC')::date - 1, (p_to at time zone 'UTC')::date + 1, '1 day') as g (day)
    ),
    windows as (
      select d.day + coalesce(max(r.opens_at), '00:00') as opens, d.day + coalesce(min(r.closes_at), '24:00') as closes
      from days d
      left join unnest(p_rules) as r on extract(isodow from d.day)::smallint = any (r.weekdays)
        and r.effective_from <= d.day and (r.effective_to is null or r.effective_to > d.day)
      group by d.day
      having count(*) filter (where r.id is not null and r.opens_at is null) = 0
        and coalesce(max(r.opens_at), '00:00') < coalesce(min(r.closes_at), '24:00')
    )
    select z.name, z.position, coalesce(range_agg(
      -- While a clock runs evenly, a local time is an instant by subtraction: hours that a change of the clock leaves
      -- out or repeats need no rule of their own.
      tstzrange((w.opens - s.utc_offset) at time zone 'UTC', (w.closes - s.utc_offset) at time zone 'UTC') * s.span
    ) filter (where w.opens is not null), '{}')
    from unnest(p_zones) with ordinality as z (name, position)
    cross join lateral private.clock_spans(z.name, p_from, p_to) s
    left join windows w on true
    group by z.name, z.position;
end;
$$;
comment on function private.open_hours(text[], public.quiet_hours_rules[], timestamptz, timestamptz) is
  'Zone by zone, in the order given, the hours between two instants that the rules leave open';

create function private.versions_in_effect(
  p_rules public.quiet_hours_rules[], p_zones text[], p_from timestamptz, p_to timestamptz
) returns text
language sql stable
set search_path = ''
as $$
  select string_agg(distinct r.version collate "C", ' + ' order by r.version collate "C")
  from (
    select min((p_from at time zone z.name)::date) as first_day, max((p_to at time zone z.name)::date) as last_day
    from unnest(p_zones) as z (name)
  ) d
  join unnest(p_rules) as r on r.effective_from <= d.last_day and (r.effective_to is null or r.effective_to > d.first_day);
$$;
comment on function private.versions_in_effect(public.quiet_hours_rules[], text[], timestamptz, timestamptz) is
  'Versions of the rules in effect on any local day between two instants';

create function private.next_windows(
  p_organization_id uuid, p_zones text[], p_regions text[], p_message_class text, p_at timestamptz[]
) returns table (at timestamptz, allowed_from timestamptz, allowed_until timestamptz, decisive_zone text, rule_version text)
language plpgsql stable
set search_path = ''
set plan_cache_mode = force_generic_plan -- planning costs five times what running does
as $$
declare
  -- 14 and 15 days in hours: a day of the session's own zone need not have 24.
  c_search constant interval := '336 hours';
  c_horizon constant interval := '360 hours';
  v_first constant timestamptz := (select min(a) from unnest(p_at) a);
  v_last constant timestamptz := (select max(a) + c_horizon from unnest(p_at) a);
  v_rules public.quiet_hours_rules[];
  v_hours tstzmultirange[];
  v_common tstzmultirange;
  v_version text;
begin
  if private.is_exempt(p_organization_id, p_message_class) then
    return query select a, a, null::timestamptz, null::text, 'exempt' from unnest(p_at) a;
    return;
  end if;
  v_rules := array(select r from private.binding_rules(p_organization_id, p_regions, p_message_class) r);
  select array_agg(h.hours order by h.place), range_intersect_agg(h.hours) into v_hours, v_common
  from private.open_hours(p_zones, v_rules, v_first, v_last) h;
  if not exists (
    select 1 from unnest(v_rules) r
    where r.effective_from > v_first::date - 2 or r.effective_to < v_last::date + 2
  ) then
    v_version := private.versions_in_effect(v_rules, p_zones, v_first, v_last);
  end if;
  return query
    select a, w.opens, w.closes, d.zone,
      coalesce(v_version, private.versions_in_effect(v_rules, p_zones, a, coalesce(w.opens, a + c_search)))
    from unnest(p_at) a
    left join lateral (
      select lower(r) as opens, nullif(upper(r), a + c_horizon) as closes
      from unnest(v_common * tstzmultirange(tstzrange(a, a + c_horizon))) r
      where lower(r) < a + c_search
      order by r
      limit 1
    ) w on true
    left join lateral (
      select z.name as zone
      from unnest(p_zones, v_hours) with ordinality as z (name, hours, place)
      where not z.hours @> case when w.opens > a then w.opens - interval '1 microsecond' else w.closes end
      order by z.place
      limit 1
    ) d on true;
end;
$$;
comment on function private.next_windows(uuid, text[], text[], text, timestamptz[]) is
  'allowed_window for many instants that share zones, regions and message class; instants close together share the work';

create function private.allowed_window(
  p_organization_id uuid, p_zones text[], p_regions text[], p_message_class text, p_at timestamptz,
  out allowed_from timestamptz, out allowed_until timestamptz, out decisive_zone text, out rule_version text
)
language sql stable
set search_path = ''
as $$
  select w.allowed_from, w.allowed_until, w.decisive_zone, w.rule_version
  from private.next_windows(p_organization_id, p_zones, p_regions, p_message_class, array[p_at]) w;
$$;
comment on function private.allowed_window(uuid, text[], text[], text, timestamptz) is
  'The earliest instant from p_at on when every zone is open (null: none within 14 days), until when they stay so (null: over 15 days), the zone that decides, and the versions of the rules. Exempt classes: p_at, version "exempt"';

create function private.allowed_windows(
  p_organization_id uuid, p_phone_numbers text[], p_contact_time_zones text[], p_message_classes text[], p_at timestamptz[]
) returns table (
  place bigint, zones text[], regions text[], found_by text,
  allowed_from timestamptz, allowed_until timestamptz, decisive_zone text, rule_version text
)
language sql stable rows 1000
set search_path = ''
set plan_cache_mode = auto -- by the true length of the lists, whatever the caller does
as $$
  with asked as (
    -- A number's first four digits decide where it may be.
    select q.place, left(q.phone_number, 5) as beginning, coalesce(q.time_zone, '') as time_zone, q.message_class,
      coalesce(q.at, now()) as at
    from unnest(p_phone_numbers, p_contact_time_zones, p_message_classes, p_at) with ordinality
      as q (phone_number, time_zone, message_class, at, place)
  ),
  located as materialized (
    select b.beginning, b.time_zone, z.zones, z.regions, z.found_by
    from (select distinct a.beginning, a.time_zone from asked a) b
    cross join lateral private.candidate_zones(p_organization_id, b.beginning, nullif(b.time_zone, '')) z
  ),
  questions as materialized (
    select a.place, a.message_class, a.at, l.zones, l.regions, l.found_by
    from asked a join located l on l.beginning = a.beginning and l.time_zone = a.time_zone
  ),
  answers as materialized (
    select g.zones, g.regions, g.message_class, w.*
    from (
      select q.zones, q.regions, q.message_class, array_agg(distinct q.at) as instants
      from questions q
      -- Week by week, so that one message scheduled for next year does not stretch everybody's horizon.
      group by q.zones, q.regions, q.message_class, floor(extract(epoch from q.at) / 604800)
    ) g
    cross join lateral private.next_windows(p_organization_id, g.zones, g.regions, g.message_class, g.instants) w
  )
  select q.place, q.zones, q.regions, q.found_by, a.allowed_from, a.allowed_until, a.decisive_zone, a.rule_version
  from questions q
  join answers a on a.zones = q.zones and a.regions = q.regions and a.message_class = q.message_class and a.at = q.at;
$$;
comment on function private.allowed_windows(uuid, text[], text[], text[], timestamptz[]) is
  'candidate_zones and allowed_window for a batch: four arrays of the same length, one answer per place (from 1); no zone: not known, no instant: now. Recipients of one place and week are worked out once';

create function private.ask_hours(p_job_ids uuid[])
returns table (
  job_id uuid, allowed_from timestamptz, allowed_until timestamptz, decision jsonb
)
language sql stable rows 100
set search_path = ''
as $$
  select g.ids[w.place], w.allowed_from, w.allowed_until, private.window_decision(
    w.zones, w.found_by, w.decisive_zone, w.rule_version, w.allowed_from, w.allowed_until
  )
  from (
    select j.organization_id, array_agg(j.id order by j.id) as ids, array_agg(j.recipient order by j.id) as recipients,
      array_agg(c.time_zone order by j.id) as time_zones, array_agg(j.message_class order by j.id) as classes,
      array_agg(now() order by j.id) as instants
    from public.message_jobs j
    join public.threads t on t.id = j.thread_id
    join public.contacts c on c.id = t.contact_id
    where j.id = any (p_job_ids)
    group by j.organization_id
  ) g
  cross join lateral private.allowed_windows(g.organization_id, g.recipients, g.time_zones, g.classes, g.instants) w;
$$;
comment on function private.ask_hours(uuid[]) is 'From when and until when jobs may go, as things stand now, and why';

create function private.next_allowed_time(p_thread_id uuid, p_message_class text, p_at timestamptz) returns jsonb
language plpgsql stable
security definer -- one door for members, instead of a grant on each step behind it
set search_path = ''
as $$
declare
  v_thread record;
  v_place record;
  v_window record;
  v_zones jsonb;
  v_rules jsonb;
begin
  select t.organization_id, c.phone_number, c.time_zone, o.quiet_hours_preset into v_thread
  from public.threads t
  join public.contacts c on c.id = t.contact_id
  join public.organizations o on o.id = t.organization_id
  where t.id = p_thread_id and t.organization_id in (select private.my_organization_ids());
  if v_thread.organization_id is null then
    raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
  end if;
  select * into v_place
  from private.candidate_zones(v_thread.organization_id, v_thread.phone_number, v_thread.time_zone);
  select * into v_window from private.allowed_window(
    v_thread.organization_id, v_place.zones, v_place.regions, p_message_class, p_at
  );
  select jsonb_agg(
    jsonb_build_object('zone', z.name, 'local_time', to_char(p_at at time zone z.name, 'YYYY-MM-DD"T"HH24:MI'))
    order by z.position
  ) into v_zones
  from unnest(v_place.zones) with ordinality as z (name, position);
  select jsonb_agg(
    jsonb_build_object('version', r.version, 'region', r.region, 'weekdays', r.weekdays,
      'opens_at', to_char(r.opens_at, 'HH24:MI'), 'closes_at', to_char(r.closes_at, 'HH24:MI'),
      'source', r.source, 'confidence', r.confidence)
    order by r.version collate "C", r.weekdays
  ) into v_rules
  from private.binding_rules(v_thread.organization_id, v_place.regions, p_message_class) r
  where r.version = any (string_to_array(v_window.rule_version, ' + '));
  return jsonb_build_object(
    'at', p_at, 'message_class', p_message_class, 'exempt', v_window.rule_version = 'exempt',
    'preset', v_thread.quiet_hours_preset, 'found_by', v_place.found_by, 'zones', v_zones, 'regions', v_place.regions,
    'open_now', coalesce(v_window.allowed_from = p_at, false),
    'allowed_from', v_window.allowed_from, 'allowed_until', v_window.allowed_until,
    'decisive_zone', v_window.decisive_zone,
    'local_time', to_char(p_at at time zone v_window.decisive_zone, 'YYYY-MM-DD"T"HH24:MI'),
    'rule_version', v_window.rule_version, 'rules', coalesce(v_rules, '[]')
  );
end;
$$;
comment on function private.next_allowed_time(uuid, text, timestamptz) is 'allowed_window for a member''s thread, with everything that led to it';

create function public.next_allowed_time(
  p_thread_id uuid, p_message_class text default 'marketing', p_at timestamptz default now()
) returns jsonb
language sql stable
set search_path = ''
as $$ select private.next_allowed_time(p_thread_id, p_message_class, p_at); $$;
comment on function public.next_allowed_time(uuid, text, timestamptz) is
  'When a message of this class may go to the customer of a thread, from p_at on, and why: {at, message_class, exempt, preset, found_by, zones: [{zone, local_time}], regions, open_now, allowed_from, allowed_until, decisive_zone, local_time, rule_version, rules}. allowed_from null: not within 14 days. Errors: TL001, TL002';

grant execute on function
  private.next_allowed_time(uuid, text, timestamptz), public.next_allowed_time(uuid, text, timestamptz)
to authenticated;
