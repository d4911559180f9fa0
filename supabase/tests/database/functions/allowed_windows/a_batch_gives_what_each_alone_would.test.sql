begin;
select plan(3);
select tests.build_world();

create temp table asked as
select g as place, '+1' || (array['212', '928', '800', '574', '808', '401'])[1 + g % 6] || '555' || lpad(g::text, 4, '0') as phone_number,
  case when g % 5 = 0 then 'America/Denver' end as time_zone,
  (array['marketing', 'transactional', 'conversational'])[1 + g % 3] as message_class,
  timestamptz '2026-10-28 03:00Z' + g * interval '3 hours 7 seconds' as at
from generate_series(1, 200) g;

select results_eq(
  $$ select w.* from asked a
    cross join lateral private.candidate_zones(tests.id('acme'), a.phone_number, a.time_zone) z
    cross join lateral private.allowed_window(tests.id('acme'), z.zones, z.regions, a.message_class, a.at) w
    order by a.place $$,
  $$ select w.allowed_from, w.allowed_until, w.decisive_zone, w.rule_version
    from (select array_agg(a.phone_number order by a.place) as numbers, array_agg(a.time_zone order by a.place) as zones,
      array_agg(a.message_class order by a.place) as classes, array_agg(a.at order by a.place) as instants from asked a) b
    cross join lateral private.allowed_windows(tests.id('acme'), b.numbers, b.zones, b.classes, b.instants) w
    order by w.place $$,
  'two hundred decisions over a month with a change of the clock'
);
select is(
  (select w::text from private.allowed_windows(
    tests.id('acme'), '{+12125550123}', '{null}', '{marketing}', '{2026-07-06 03:00-04}'
  ) w),
  format('(1,{America/New_York},{US-NY},area_code,"%s","%s",America/New_York,"federal/1 + safe/1")',
    timestamptz '2026-07-06 09:00-04', timestamptz '2026-07-06 20:00-04'),
  'with the place that was found'
);
select is(
  (select count(*) from private.allowed_windows(
    tests.id('acme'), '{+12125550123,+12125550124}', '{null,null}', '{urgent,urgent}', '{null,2026-07-06 03:00-04}'
  ) w where w.allowed_from in (now(), '2026-07-06 03:00-04')),
  2::bigint, 'without an instant it is now'
);

select * from finish();
rollback;
