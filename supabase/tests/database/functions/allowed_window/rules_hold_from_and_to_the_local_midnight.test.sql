begin;
select plan(2);
select tests.build_world();

update public.organizations set quiet_hours_preset = 'federal' where id = tests.id('acme');
insert into public.quiet_hours_rules (organization_id, region, weekdays, opens_at, closes_at, effective_from, effective_to, source, confidence, version)
values (tests.id('acme'), '*', '{1,2,3,4,5,6,7}', null, null, '2026-07-07', '2026-07-08', 'a holiday', 'own', 'own/1');

select is(
  (select w::text from private.allowed_window(tests.id('acme'), '{Pacific/Honolulu}', '{US-HI}', 'marketing', '2026-07-06 20:30-10') w),
  format('("%s","%s",Pacific/Honolulu,federal/1)', timestamptz '2026-07-06 20:30-10', timestamptz '2026-07-06 21:00-10'),
  'open on the eve, when it is the holiday already further east'
);
select is(
  (select w::text from private.allowed_window(tests.id('acme'), '{Pacific/Honolulu}', '{US-HI}', 'marketing', '2026-07-06 21:00-10') w),
  format('("%s","%s",Pacific/Honolulu,"federal/1 + own/1")', timestamptz '2026-07-08 08:00-10', timestamptz '2026-07-08 21:00-10'),
  'the day after, and the holiday is named as a reason'
);

select * from finish();
rollback;
