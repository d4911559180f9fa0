begin;
select plan(3);
select tests.build_world();

update public.contacts set phone_number = '+12145550142' where id = tests.id('acme contact');
create temp table answer as
select tests.value_as('agent', format(
  'select public.next_allowed_time(%L, p_at => ''2026-07-12 09:00-05'')', tests.id('acme thread')
))::jsonb as a;

select is(
  (select a - '{at,rules,allowed_from,allowed_until}'::text[] from answer),
  '{"message_class": "marketing", "exempt": false, "preset": "safe", "found_by": "area_code", "regions": ["US-TX"],
    "zones": [{"zone": "America/Chicago", "local_time": "2026-07-12T09:00"}], "open_now": false,
    "decisive_zone": "America/Chicago", "local_time": "2026-07-12T09:00", "rule_version": "US-TX/1 + federal/1 + safe/1"}',
  'where, by which rules, and what the clock shows there'
);
select is(
  (select array[a ->> 'allowed_from', a ->> 'allowed_until']::timestamptz[] from answer),
  array['2026-07-12 12:00-05', '2026-07-12 20:00-05']::timestamptz[], 'from when until when'
);
select is(
  (select array_agg(r ->> 'version' || ' ' || (r ->> 'opens_at')) from answer, jsonb_array_elements(a -> 'rules') r),
  array['US-TX/1 09:00', 'US-TX/1 12:00', 'federal/1 08:00', 'safe/1 09:00', 'safe/1 12:00'], 'with the wording of each rule'
);

select * from finish();
rollback;
