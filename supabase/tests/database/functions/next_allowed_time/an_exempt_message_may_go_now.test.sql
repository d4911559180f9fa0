begin;
select plan(3);
select tests.build_world();

create temp table answer as
select tests.value_as('agent', format('select public.next_allowed_time(%L, %L)', tests.id('acme thread'), 'conversational'))::jsonb as a;

select is(
  (select a - '{at,allowed_from,zones,regions}'::text[] from answer),
  '{"message_class": "conversational", "exempt": true, "preset": "safe", "found_by": "area_code", "open_now": true,
    "allowed_until": null, "decisive_zone": null, "local_time": null, "rule_version": "exempt", "rules": []}',
  'whatever the time'
);
select ok((select a -> 'at' = a -> 'allowed_from' from answer), 'from this moment on');
select is(
  tests.try_as('agent', format('select public.next_allowed_time(%L, %L)', tests.id('acme thread'), 'gossip')), 'TL002',
  'a class has to be one of ours'
);

select * from finish();
rollback;
