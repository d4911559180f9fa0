begin;
select plan(8);
select tests.build_world();

select is(tests.try_as('agent', format('select public.inbox_changes(%L, %L)', tests.id('acme'), cursor)), 'TL002', quote_literal(cursor))
from unnest(array[
  '', 'x', '-1', '1.2', '1.2.3', '99999999999999999999', '1.1.------------------------------------',
  '1; drop table threads'
]) cursor;

select * from finish();
rollback;
