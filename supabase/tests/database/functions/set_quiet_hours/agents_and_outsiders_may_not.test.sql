begin;
select plan(7);
select tests.build_world();

select is(
  tests.try_as(who, format('select public.set_quiet_hours(%L, ''federal'')', tests.id('acme'))), 'TL001', 'refused: ' || who
)
from unnest(tests.outsiders() || array['agent']) who;
select is(
  tests.try_as('anonymous visitor', format('select public.set_quiet_hours(%L, ''federal'')', tests.id('acme'))), '42501',
  'out of reach without a session'
);
select is(
  tests.try_as('admin', 'update public.organizations set quiet_hours_preset = ''federal'''), '42501', 'nor past the function'
);

select * from finish();
rollback;
