begin;
select plan(6);
select tests.build_world();

select is(
  tests.try_as(who, tests.rows_of('acme', 'template_versions')), tests.try_as('database owner', tests.rows_of('acme', 'template_versions')),
  format('all of it for the %s', who)
)
from unnest(tests.members()) who;
select is(tests.try_as(who, tests.rows_of('rival', 'template_versions')), '0 rows', format('nothing of the rival for the %s', who))
from unnest(tests.members()) who;

select * from finish();
rollback;
