begin;
select plan(5);
select tests.build_world();

select is(tests.try_as('agent', tests.rows_of('acme', 'carrier_recalls')), '0 rows', 'nothing for the agent');
select is(
  tests.try_as(who, tests.rows_of('acme', 'carrier_recalls')), tests.try_as('database owner', tests.rows_of('acme', 'carrier_recalls')),
  format('all of it for the %s', who)
)
from unnest(tests.admins()) who;
select is(tests.try_as(who, tests.rows_of('rival', 'carrier_recalls')), '0 rows', format('nothing of the rival for the %s', who))
from unnest(tests.admins()) who;

select * from finish();
rollback;
