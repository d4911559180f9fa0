begin;
select plan(6);
select tests.build_world();

select is(
  tests.try_as(who, tests.rows_of('acme', 'carrier_recalls')), '0 rows', format('nothing for a %s', who)
)
from unnest(tests.outsiders()) who;

select isnt(tests.try_as('database owner', tests.rows_of('acme', 'carrier_recalls')), '0 rows', 'though there is something to see');
select is(
  tests.try_as('stranger', 'select organization_id from public.carrier_recalls'), '0 rows', 'nor does a stranger see anything of anybody'
);

select * from finish();
rollback;
