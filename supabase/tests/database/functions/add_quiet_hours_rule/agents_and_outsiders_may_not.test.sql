begin;
select plan(7);
select tests.build_world();

select is(
  tests.try_as(who, format('select public.add_quiet_hours_rule(%L, ''{1}'', null, null, ''x'')', tests.id('acme'))), 'TL001',
  'refused: ' || who
)
from unnest(tests.outsiders() || array['agent']) who;
select is(
  tests.try_as('admin', 'select public.add_quiet_hours_rule(null, ''{1}'', null, null, ''x'')'), 'TL001',
  'nobody adds a rule for everybody'
);
select is(
  tests.try_as('anonymous visitor', format('select public.add_quiet_hours_rule(%L, ''{1}'', null, null, ''x'')', tests.id('acme'))),
  '42501', 'out of reach without a session'
);

select * from finish();
rollback;
