begin;
select plan(5);
select tests.build_world();

select is(
  tests.try_as(who, format('select public.open_thread(%L, %L, ''+14155550123'')', tests.id('acme'), tests.id('acme number'))), 'TL001', who
)
from unnest(tests.outsiders()) who;
select is(
  tests.try_as('agent', format('select public.open_thread(%L, %L, ''+14155550123'')', tests.id('nowhere'), tests.id('acme number'))), 'TL001',
  'an organization that does not exist is refused alike'
);

select * from finish();
rollback;
