begin;
select plan(6);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

create temp table next as select tests.sent_id('Next') as id;
select tests.claim() as parked into temp table parked;
select is(tests.value_as('worker', 'select worker.sweep()')::jsonb ->> 'attempts_lost', '0', 'not while the lease runs');
select tests.let_leases_run_out();
select is(tests.value_as('worker', 'select worker.sweep()')::jsonb, '{"skipped": false, "attempts_lost": 1, "admitted": 0}', 'but then');
select is(tests.message_status((select id from sent)) || ' ' || tests.job_status((select id from sent)), 'unknown unknown', 'nobody knows what the carrier did');
select is(tests.queue_state((select id from sent)), 'gone', 'off the queue');
select results_eq($$ select c ->> 'body' from tests.claim() c $$, array['Next'], 'those behind it go on');
select is((select count(*) from public.send_attempts a where a.message_id = (select id from sent)), 1::bigint, 'one attempt it was and remains');

select * from finish();
rollback;
