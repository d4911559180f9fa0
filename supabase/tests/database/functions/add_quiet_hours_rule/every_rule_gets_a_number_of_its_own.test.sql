begin;
select plan(3);
select tests.build_world();

select is(
  tests.try_as('admin', format('select public.add_quiet_hours_rule(%L, ''{6}'', ''10:00'', ''17:00'', ''x'')', tests.id('acme'))), '1 rows', time
)
from unnest(array['one rule', 'and another']) time;
select set_eq(
  $$ select r.version from public.quiet_hours_rules r where r.organization_id = tests.id('acme') $$, array['own/1', 'own/2'],
  'two numbers'
);

select * from finish();
rollback;
