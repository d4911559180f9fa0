begin;
select plan(5);
select tests.build_world();

select is(
  (select w::text from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'conversational', '2026-07-06 03:00-04') w),
  format('("%s",,,exempt)', timestamptz '2026-07-06 03:00-04'), 'a reply goes by night'
);
select is(
  (select w::text from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'urgent', '2026-07-06 03:00-04') w),
  format('("%s",,,exempt)', timestamptz '2026-07-06 03:00-04'), 'so does an urgent message'
);
select is(
  (select w.allowed_from from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'transactional', '2026-07-06 03:00-04') w),
  '2026-07-06 09:00-04', 'a reminder waits'
);
update public.organizations set quiet_hours_for_transactional = false where id = tests.id('acme');
select is(
  (select w.rule_version from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'transactional', '2026-07-06 03:00-04') w),
  'exempt', 'unless the organization says otherwise'
);
select throws_ok(
  $$ select private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'gossip', now()) $$, 'TL002', null,
  'there are no other classes'
);

select * from finish();
rollback;
