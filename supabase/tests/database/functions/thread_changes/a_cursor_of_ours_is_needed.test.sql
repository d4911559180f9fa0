begin;
select plan(2);
select tests.build_world();

select is(tests.try_as('agent', format('select public.thread_changes(%L, %L)', tests.id('acme thread'), cursor)), 'TL002', quote_literal(cursor))
from unnest(array['', '1.2.x']) cursor;

select * from finish();
rollback;
