begin;
select plan(2);
select tests.build_world();

insert into public.quiet_hours_rules (organization_id, region, weekdays, effective_from, source, confidence, version)
values (tests.id('acme'), 'US', '{1,2,3,4,5,6,7}', '2020-01-01', 'a pause', 'own', 'own/1');

select is(
  (select w::text from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'marketing', '2026-07-06 12:00-04') w),
  '(,,,"federal/1 + own/1 + safe/1")', 'and the rules say why'
);
select is(
  (select w.allowed_from from private.allowed_window(tests.id('acme'), '{}', '{}', 'marketing', '2026-07-06 12:00-04') w), null,
  'a place without zones is never open'
);

select * from finish();
rollback;
