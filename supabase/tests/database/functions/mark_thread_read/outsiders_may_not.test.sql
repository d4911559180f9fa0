begin;
select plan(5);
select tests.build_world();

select is(tests.try_as(who, format('select public.mark_thread_read(%L, 1)', tests.id('acme thread'))), 'TL001', who) from unnest(tests.outsiders()) who;
select is(tests.try_as('agent', format('select public.mark_thread_read(%L, 1)', tests.id('no thread'))), 'TL001', 'a thread that does not exist is refused alike');

select * from finish();
rollback;
