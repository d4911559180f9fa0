begin;
select plan(2);
select tests.build_world();

update public.organizations set quiet_hours_preset = 'federal' where id = tests.id('acme');

select is(
  (select w::text from private.allowed_window(tests.id('acme'), '{America/New_York,Pacific/Honolulu}', '{US}', 'marketing', '2026-07-06 09:00-04') w),
  format('("%s","%s",Pacific/Honolulu,federal/1)', timestamptz '2026-07-06 14:00-04', timestamptz '2026-07-06 21:00-04'),
  'in summer from two in the afternoon, New York time'
);
select is(
  (select w::text from private.allowed_window(tests.id('acme'), '{America/New_York,Pacific/Honolulu}', '{US}', 'marketing', '2026-12-01 14:00-05') w),
  format('("%s","%s",America/New_York,federal/1)', timestamptz '2026-12-01 14:00-05', timestamptz '2026-12-01 21:00-05'),
  'open everywhere, the first to close decides'
);

select * from finish();
rollback;
