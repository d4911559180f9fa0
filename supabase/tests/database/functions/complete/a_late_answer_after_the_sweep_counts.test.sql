begin;
select plan(4);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.let_leases_run_out();
select tests.value_as('worker', 'select worker.sweep()') as swept into temp table swept;
select is(tests.message_status((select id from sent)), 'unknown', 'the worker was gone too long');
select is(tests.accept((select id from attempt), 'SM1'), 1, 'but it comes back with an answer');
select is(tests.message_status((select id from sent)) || ' ' || tests.job_status((select id from sent)), 'sent sent', 'which settles it');
select is((select m.provider_message_id from public.messages m where m.id = (select id from sent)), 'SM1', 'with the id');

select * from finish();
rollback;
