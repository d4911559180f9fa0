begin;
select plan(6);
select tests.build_world();

select is(
  tests.try_as(who, 'select from public.number_prefixes'), tests.try_as('database owner', 'select from public.number_prefixes'), 'all of it: ' || who
)
from unnest(array['agent', 'stranger', 'secret key']) who;
select isnt(tests.try_as('database owner', 'select from public.number_prefixes'), '0 rows', 'there is something to read');
select is(tests.try_as(who, 'select from public.number_prefixes'), '42501', 'out of reach: ' || who)
from unnest(array['anonymous visitor', 'worker']) who;

select * from finish();
rollback;
