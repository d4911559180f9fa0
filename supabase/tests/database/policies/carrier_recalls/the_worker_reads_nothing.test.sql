begin;
select plan(1);
select tests.build_world();

select is(tests.try_as('worker', 'select organization_id from public.carrier_recalls'), '42501', 'the worker has its functions and no table');

select * from finish();
rollback;
