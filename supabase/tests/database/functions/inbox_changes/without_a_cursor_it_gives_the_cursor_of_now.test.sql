begin;
select plan(4);
select tests.build_world();

create temp table answer as select tests.value_as('agent', format('select public.inbox_changes(%L)', tests.id('acme')))::jsonb as a;

select is((select a -> 'threads' from answer), '[]', 'no threads');
select is((select a ->> 'has_more' from answer), 'false', 'no more');
select matches((select a ->> 'cursor' from answer), '^[0-9]+$', 'a cursor');
select is(
  (tests.value_as('agent', format('select public.inbox_changes(%L, %L)', tests.id('acme'), (select a ->> 'cursor' from answer)))::jsonb) #>> '{threads,0,id}',
  tests.id('acme thread')::text, 'that finds what this transaction, still open then, has changed'
);

select * from finish();
rollback;
