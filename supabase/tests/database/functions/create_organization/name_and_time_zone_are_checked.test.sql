begin;
select plan(6);
select tests.build_world();

select is(tests.try_as('stranger', format('select public.create_organization(%L)', n)), 'TL002', 'no organization called ' || quote_nullable(left(n, 9)))
from unnest(array[null, '', '   ', repeat('x', 121)]) n;
select is(tests.try_as('stranger', 'select public.create_organization(''x'', ''Mars/Base'')'), 'TL002', 'the time zone has to exist');
select is(tests.try_as('stranger', 'select public.create_organization(''x'', null)'), '1 rows', 'and has a default');

select * from finish();
rollback;
