begin;
select plan(5);
select tests.build_world();

select is(
  tests.try_as('admin', format('select public.set_quiet_hours(%L, ''states'', p_countries_enabled => ''{US,CA}'')', tests.id('acme'))),
  '1 rows', 'an admin chooses'
);
select is(
  (select array[o.quiet_hours_preset, o.quiet_hours_for_transactional::text, o.countries_enabled::text]
    from public.organizations o where o.id = tests.id('acme')),
  '{states,true,"{US,CA}"}', 'what is not named stays'
);
select is(
  (select a.details from public.audit_logs a where a.action = 'quiet_hours_changed' and a.actor_id = tests.id('admin')),
  '{"preset": "states", "countries_enabled": ["US", "CA"]}', 'who did what'
);
select is(
  tests.try_as('owner', format('select public.set_quiet_hours(%L, p_quiet_hours_for_transactional => false)', tests.id('acme'))),
  '1 rows', 'so does an owner'
);
select is(
  (select o.quiet_hours_preset || o.quiet_hours_for_transactional from public.organizations o where o.id = tests.id('acme')),
  'statesfalse', 'one thing at a time'
);

select * from finish();
rollback;
