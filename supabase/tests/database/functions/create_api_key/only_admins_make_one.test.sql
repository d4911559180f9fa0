begin;
select plan(9);
select tests.build_world();

select is(tests.try_as(who, format('select public.create_api_key(%L, ''Reminders'')', tests.id('acme'))), 'TL001', 'refused: ' || who)
from unnest(tests.outsiders() || array['agent']) who;
select is(tests.try_as('admin', 'select public.create_api_key(null, ''x'')'), 'TL001', 'no organization');
select is(tests.try_as('admin', format('select public.create_api_key(%L, %L)', tests.id('acme'), name)), 'TL002', 'the name is checked')
from unnest(array[' ', repeat('n', 81)]) name;
select is(tests.try_as('admin', format('select public.create_api_key(%L, ''Reminders'')', tests.id('acme'))), '1 rows', 'an admin may');

select * from finish();
rollback;
