begin;
select plan(5);
select tests.build_world();

select is(
  tests.value_as(who, format('select public.inbox_changes(%L, ''5'')', tests.id('acme')))::jsonb - 'cursor' - 'snapshot', '{"threads": [], "has_more": false}', who
)
from unnest(tests.outsiders()) who;
select is(
  tests.value_as('agent', format('select public.inbox_changes(%L, ''5'')', tests.id('nowhere')))::jsonb - 'cursor' - 'snapshot',
  '{"threads": [], "has_more": false}', 'like of an organization that does not exist'
);

select * from finish();
rollback;
