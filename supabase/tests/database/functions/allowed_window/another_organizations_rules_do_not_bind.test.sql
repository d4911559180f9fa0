begin;
select plan(2);
select tests.build_world();

insert into public.quiet_hours_rules (organization_id, region, weekdays, effective_from, source, confidence, version)
values (tests.id('rival'), '*', '{1,2,3,4,5,6,7}', '2020-01-01', 'a pause', 'own', 'own/1');

select is(
  (select w.allowed_from from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'marketing', '2026-07-06 12:00-04') w),
  '2026-07-06 12:00-04', 'open for us'
);
select is(
  (select w.allowed_from from private.allowed_window(tests.id('rival'), '{America/New_York}', '{US-NY}', 'marketing', '2026-07-06 12:00-04') w),
  null, 'though not for them'
);

select * from finish();
rollback;
