begin;
select plan(3);
select tests.build_world();

select is(
  (select w::text from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'marketing', '2026-07-06 22:30-04') w),
  format('("%s","%s",America/New_York,"federal/1 + safe/1")', timestamptz '2026-07-07 09:00-04', timestamptz '2026-07-07 20:00-04'),
  'from nine, until eight'
);
select is(
  (select w::text from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'marketing', '2026-07-07 09:00-04') w),
  format('("%s","%s",America/New_York,"federal/1 + safe/1")', timestamptz '2026-07-07 09:00-04', timestamptz '2026-07-07 20:00-04'),
  'the opening minute is inside'
);
select is(
  (select w.allowed_from from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'marketing', '2026-07-07 20:00-04') w),
  '2026-07-08 09:00-04', 'the closing minute is outside'
);

select * from finish();
rollback;
