begin;
select plan(1);
select tests.build_world();

select is(tests.try_as('agent', format('select public.send_message(%L, ''Hello'', null)', tests.id('acme thread'))), 'TL002', 'without one a repetition could not be told');

select * from finish();
rollback;
