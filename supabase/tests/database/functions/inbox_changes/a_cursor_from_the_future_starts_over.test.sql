begin;
select plan(3);
select tests.build_world();

create temp table answer as
  select tests.value_as('agent', format('select public.inbox_changes(%L, ''9000000000000000000'')', tests.id('acme')))::jsonb as a;

select is((select a ->> 'reset' from answer), 'true', 'the database was restored: the reader reads anew');
select is((select a -> 'threads' from answer), '[]', 'nothing is claimed to be complete');
select is(
  tests.value_as('agent', format('select public.thread_changes(%L, ''9000000000000000000'')', tests.id('acme thread')))::jsonb ->> 'reset', 'true',
  'so does the reader of one thread'
);

select * from finish();
rollback;
