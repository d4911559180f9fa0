-- Limits that any number of workers keep together: evenly spaced places in time for every number and account.

create table private.pacers (
  subject_id uuid primary key,
  next_at timestamptz not null default '-infinity'
);
comment on table private.pacers is 'When the next segment of a number, or the next request of an account, may leave';

create table private.daily_usage (
  subject_id uuid not null,
  day date not null,
  segments integer not null,
  primary key (subject_id, day)
);
comment on table private.daily_usage is 'Segments handed out per number and account in a day of the Pacific';

create table private.account_load (
  provider_account_id uuid primary key references public.provider_accounts (id) on delete cascade,
  in_flight_limit integer not null check (in_flight_limit > 0),
  answered integer not null default 0,
  throttled integer not null default 0,
  changed_at timestamptz not null
);
comment on table private.account_load is
  'How many requests at a time a carrier account bears at present: cut when it answers too many of them with 429, grown while it does not. Accounts that never did have no row';
comment on column private.account_load.answered is 'Requests answered since changed_at, and throttled how many of them with 429';

create function private.carrier_day(p_at timestamptz) returns date
language sql immutable
return (p_at at time zone 'America/Los_Angeles')::date;
comment on function private.carrier_day(timestamptz) is 'Carriers count a sender''s day from midnight Pacific';

create function private.free_lines(p_provider_account_id uuid) returns integer
language sql stable
set search_path = ''
as $$
  -- After a pause one request goes first, until a worker reports that the account works.
  select case
    when a.pause_reason is not null then 1
    else least(a.requests_in_flight, coalesce(l.in_flight_limit, a.requests_in_flight))
  end - (
    select count(*) from (
      select 1 from public.send_attempts t
      where t.provider_account_id = a.id and t.state = 'submitting'
        -- A worker prolongs its leases of 30 seconds every 3. One with less than this left is a dead worker's, whose
        -- connections to the carrier ended with it: what becomes of the attempt is another question, its line is free.
        and t.lease_expires_at > (select clock_timestamp()) + interval '20 seconds'
      limit a.requests_in_flight
    ) t
  )::integer
  from public.provider_accounts a
  left join private.account_load l on l.provider_account_id = a.id
  where a.id = p_provider_account_id;
$$;
comment on function private.free_lines(uuid) is 'How many more requests an account may have unanswered';

create function private.fitting(p_judged private.judged_entry[]) returns integer
language sql stable
set search_path = ''
as $$
  select coalesce(sum(least(v.count, greatest(private.free_lines(v.provider_account_id), 0))), 0)::integer
  from (
    select v.provider_account_id, count(*) from unnest(p_judged) v where v.verdict = 'send' group by v.provider_account_id
  ) v;
$$;
comment on function private.fitting(private.judged_entry[]) is 'How many of these their accounts have free lines for';

create function private.left_today(p_subject_id uuid, p_daily_cap integer, p_now timestamptz) returns bigint
language sql stable
set search_path = ''
as $$
  select p_daily_cap::bigint - coalesce((
    select u.segments from private.daily_usage u
    where u.subject_id = p_subject_id and u.day = private.carrier_day(p_now)
  ), 0);
$$;
comment on function private.left_today(uuid, integer, timestamptz) is
  'Segments a number or an account may still send today; null without a cap';

create function private.used_today(p_subject_id uuid) returns integer
language sql stable
set search_path = ''
as $$
  select coalesce(max(u.segments), 0) from private.daily_usage u
  where u.subject_id = p_subject_id and u.day = private.carrier_day(clock_timestamp());
$$;
comment on function private.used_today(uuid) is 'Segments a number or an account has handed out since midnight Pacific';

create function private.give_slots(p_judged private.judged_entry[], p_limit integer, p_now timestamptz)
returns setof private.judged_entry
language sql stable
set search_path = ''
as $$
  with accounts as materialized (
    select a.id, a.requests_per_second, greatest(p.next_at, p_now) as next_at, private.free_lines(a.id) as lines,
      private.left_today(a.id, a.daily_cap, p_now) as left_today
    from public.provider_accounts a left join private.pacers p on p.subject_id = a.id
    where a.id = any (array(select v.provider_account_id from unnest(p_judged) v where v.verdict = 'send'))
  ), numbers as materialized (
    select n.id, n.segments_per_second, greatest(p.next_at, p_now) as next_at,
      private.left_today(n.id, n.daily_cap, p_now) as left_today
    from public.phone_numbers n left join private.pacers p on p.subject_id = n.id
    where n.id = any (array(select v.phone_number_id from unnest(p_judged) v where v.verdict = 'send'))
  ), asked as (
    -- One pass over the entries, and no join of the list with itself: what is not to be sent runs along.
    select v.*, v.verdict = 'send' as is_asked, n.segments_per_second, a.requests_per_second, a.lines,
      n.next_at as number_from, a.next_at as account_from, n.left_today as number_left, a.left_today as account_left,
      sum(v.segments) over (partition by v.verdict, v.phone_number_id order by v.place) as number_sum,
      sum(v.segments) over (partition by v.verdict, v.provider_account_id order by v.place) as account_sum
    from unnest(p_judged) with ordinality as v (
      queue_name, queue_message_id, job_id, thread_id, phone_number_id, provider_account_id, segments, verdict, delay, place
    )
    left join numbers n on n.id = v.phone_number_id
    left join accounts a on a.id = v.provider_account_id
  ), by_number as (
    select k.*, coalesce(k.number_sum > k.number_left, false) or coalesce(k.account_sum > k.account_left, false) as is_capped,
      k.number_from + make_interval(secs => (
        (k.number_sum - k.segments) / k.segments_per_second
      )::double precision) as number_slot
    from asked k
  ), by_account as (
    select b.*, row_number() over line as line,
      greatest(b.number_slot, b.account_from + make_interval(
        secs => ((row_number() over line - 1) / b.requests_per_second)::double precision
      )) as slot
    from by_number b
    window line as (partition by b.is_asked, b.provider_account_id order by b.is_capped, b.number_slot, b.place)
  ), placed as (
    select b.*, case
      when not b.is_asked then b.verdict
      when b.is_capped then 'capped'
      -- A place more than a second ahead is not given yet: what happens until then may change the order.
      when b.slot > p_now + interval '1.2 seconds' then 'paced'
      when b.line > b.lines then 'crowded'
      else 'send'
    end as result
    from by_account b
  )
  select p.queue_name, p.queue_message_id, p.job_id, p.thread_id, p.phone_number_id, p.provider_account_id, p.segments,
    case
      when p.result = 'send' and count(*) filter (where p.result = 'send') over (order by p.place) > p_limit then 'crowded'
      else p.result
    end,
    case when p.is_asked then p.slot - p_now else p.delay end
  from placed p
  order by p.place;
$$;
comment on function private.give_slots(private.judged_entry[], integer, timestamptz) is
  'Evenly spaced places: segments a second for each number, requests a second and lines for each account, and no more than their days allow';

create function private.take_slots(p_paced private.judged_entry[], p_now timestamptz) returns void
language sql volatile
set search_path = ''
as $$
  with taken as (
    select v.phone_number_id as subject_id, max(p_now + v.delay + make_interval(
      secs => (v.segments / n.segments_per_second)::double precision
    )) as next_at, sum(v.segments) as segments
    from unnest(p_paced) v join public.phone_numbers n on n.id = v.phone_number_id
    where v.verdict = 'send' group by v.phone_number_id
    union all
    select v.provider_account_id, max(p_now + v.delay + make_interval(secs => (1 / a.requests_per_second)::double precision)),
      sum(v.segments)
    from unnest(p_paced) v join public.provider_accounts a on a.id = v.provider_account_id
    where v.verdict = 'send' group by v.provider_account_id
  ), moved as (
    update private.pacers p set next_at = greatest(p.next_at, t.next_at) from taken t where p.subject_id = t.subject_id
  )
  insert into private.daily_usage as u (subject_id, day, segments)
  select t.subject_id, private.carrier_day(p_now), t.segments from taken t
  on conflict (subject_id, day) do update set segments = u.segments + excluded.segments;
$$;
comment on function private.take_slots(private.judged_entry[], timestamptz) is 'Notes the places that were given';

create function private.pace(p_judged private.judged_entry[], p_limit integer) returns private.judged_entry[]
language plpgsql volatile
set search_path = ''
as $$
declare
  v_subjects uuid[] := array(
    select distinct s.id from unnest(p_judged) v
    cross join lateral (values (v.phone_number_id), (v.provider_account_id)) s (id)
    where v.verdict = 'send' order by s.id
  );
  v_paced private.judged_entry[];
  v_now timestamptz;
begin
  if cardinality(v_subjects) = 0 then
    return p_judged;
  end if;
  insert into private.pacers (subject_id) select s from unnest(v_subjects) s order by s on conflict (subject_id) do nothing;
  -- Only claims take these, all in one order, and wait for nothing after them: waiting here cannot go in a circle.
  perform 1 from private.pacers p where p.subject_id = any (v_subjects) order by p.subject_id for no key update;
  -- One reading of the clock for giving and noting: a place noted late is a place lost.
  v_now := clock_timestamp();
  v_paced := array(select s from private.give_slots(p_judged, p_limit, v_now) s);
  perform private.take_slots(v_paced, v_now);
  return v_paced;
end;
$$;
comment on function private.pace(private.judged_entry[], integer) is
  'Gives each entry that may be sent its place in time (delay), or tells it to come again: paced, crowded, capped';

create function private.adapted_lines(p_lines integer, p_answered integer, p_throttled integer) returns integer
language sql immutable
return case
  -- A few refusals in a hundred come and go by themselves; a carrier that has reached its limit refuses all beyond it.
  when p_throttled * 10 > p_answered then greatest(1, p_lines / 2) else p_lines + greatest(1, p_lines / 10)
end;
comment on function private.adapted_lines(integer, integer, integer) is
  'Half of the lines when more than a tenth of the answers was 429, else a tenth more';

create function private.adapt_load(p_outcomes private.send_outcome[]) returns void
language sql volatile
set search_path = ''
as $$
  insert into private.account_load as l (provider_account_id, in_flight_limit, answered, throttled, changed_at)
  select x.id, least(a.requests_in_flight, private.adapted_lines(a.requests_in_flight, x.answered, x.throttled)),
    x.answered, x.throttled, clock_timestamp()
  from (
    select t.provider_account_id as id, count(*)::integer as answered, (count(*) filter (where o.http_status = 429))::integer as throttled
    from unnest(p_outcomes) o join public.send_attempts t on t.id = o.attempt_id
    group by t.provider_account_id
  ) x
  join public.provider_accounts a on a.id = x.id
  left join private.account_load e on e.provider_account_id = x.id
  -- An account that bears everything again is not counted until its next 429.
  where x.throttled > 0 or e.throttled > 0 or e.in_flight_limit < a.requests_in_flight
  order by x.id
  on conflict (provider_account_id) do update
  set (in_flight_limit, answered, throttled, changed_at) = (
    select case when n.is_over then least(a.requests_in_flight, private.adapted_lines(l.in_flight_limit, n.answered, n.throttled))
        else l.in_flight_limit end,
      case when n.is_over then 0 else n.answered end, case when n.is_over then 0 else n.throttled end,
      case when n.is_over then excluded.changed_at else l.changed_at end
    from (values (
      l.answered + excluded.answered, l.throttled + excluded.throttled, excluded.changed_at - l.changed_at >= interval '1 second'
    )) n (answered, throttled, is_over)
    join public.provider_accounts a on a.id = l.provider_account_id
  );
$$;
comment on function private.adapt_load(private.send_outcome[]) is
  'Once a second: halves an account''s lines while it answers more than a tenth of its requests with 429, and grows them by a tenth while it does not';
