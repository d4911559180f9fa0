begin;
select plan(2);
select tests.build_world();

update public.threads set updated_at = now();
create temp table first as select tests.value_as('agent', format('select public.inbox_changes(%L, ''5'', 1)', tests.id('acme')))::jsonb as a;

select matches((select a ->> 'cursor' from first), '^[0-9]+\.[0-9]+\.[0-9a-f-]{36}$', 'between pages it holds base and place');
select is(
  tests.value_as('agent', format('select public.inbox_changes(%L, %L, 500)', tests.id('acme'), (select a ->> 'cursor' from first)))::jsonb ->> 'cursor',
  split_part((select a ->> 'cursor' from first), '.', 1), 'after the last the base of the first page is left: nothing in between is lost'
);

select * from finish();
rollback;
