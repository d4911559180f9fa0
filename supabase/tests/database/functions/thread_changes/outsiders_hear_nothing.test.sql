begin;
select plan(5);
select tests.build_world();

select is(
  tests.value_as(who, format('select public.thread_changes(%L, ''5'')', tests.id('acme thread')))::jsonb - 'cursor' - 'snapshot', '{"messages": [], "has_more": false}', who
)
from unnest(tests.outsiders()) who;
select is(
  tests.value_as('agent', format('select public.thread_changes(%L, ''5'')', tests.id('no thread')))::jsonb - 'cursor' - 'snapshot',
  '{"messages": [], "has_more": false}', 'like of a thread that does not exist'
);

select * from finish();
rollback;
