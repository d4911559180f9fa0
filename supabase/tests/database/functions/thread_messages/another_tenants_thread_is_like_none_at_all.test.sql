begin;
select plan(5);
select tests.build_world();

select is(tests.value_as(who, format('select public.thread_messages(%L)', tests.id('acme thread'))), null, who) from unnest(tests.outsiders()) who;
select is(tests.value_as('agent', format('select public.thread_messages(%L)', tests.id('no thread'))), null, 'a thread that does not exist');

select * from finish();
rollback;
