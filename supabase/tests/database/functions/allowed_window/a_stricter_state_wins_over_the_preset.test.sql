begin;
select plan(4);
select tests.build_world();

select is(
  (select w.allowed_from from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-KY}', 'marketing', '2026-07-06 09:00-04') w),
  '2026-07-06 10:00-04', 'Kentucky opens at ten also where nine is safe'
);
select is(
  (select w.allowed_from from private.allowed_window(tests.id('acme'), '{America/Chicago}', '{US-AL}', 'marketing', '2026-07-12 12:00-05') w),
  '2026-07-13 09:00-05', 'Alabama has no Sunday'
);
select is(
  (select w.allowed_from from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-KY,US-RI}', 'marketing', '2026-07-06 18:00-04') w),
  '2026-07-07 10:00-04', 'two states, the later opening after the earlier closing'
);
update public.organizations set quiet_hours_preset = 'federal' where id = tests.id('acme');
select is(
  (select w.allowed_from from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-KY}', 'marketing', '2026-07-06 09:00-04') w),
  '2026-07-06 09:00-04', 'the federal preset knows no states'
);

select * from finish();
rollback;
