begin;
select plan(3);
select tests.build_world();

delete from public.quiet_hours_rules;
insert into public.quiet_hours_rules (preset, region, weekdays, opens_at, closes_at, effective_from, source, confidence, version)
values ('federal', '*', '{1,2,3,4,5,6,7}', '01:15', '02:30', '2020-01-01', 'test', 'own', 't/1');

select is(
  (select w.allowed_until from private.allowed_window(tests.id('acme'), '{America/New_York}', '{}', 'marketing', '2026-03-08 00:00-05') w),
  '2026-03-08 03:00-04', 'an end in the missing hour comes when that hour is skipped'
);
select is(
  (select w.allowed_until from private.allowed_window(tests.id('acme'), '{America/New_York}', '{}', 'marketing', '2026-11-01 01:20-04') w),
  '2026-11-01 01:00-05', 'the repeated hour closes the window that opened inside it'
);
select is(
  (select array[w.allowed_from, w.allowed_until] from private.allowed_window(tests.id('acme'), '{America/New_York}', '{}', 'marketing', '2026-11-01 01:00-05') w),
  array['2026-11-01 01:15-05', '2026-11-01 02:30-05']::timestamptz[], 'and opens it again'
);

select * from finish();
rollback;
