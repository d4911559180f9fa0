begin;
select plan(2);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.let_leases_run_out();
update pgmq.q_sms_priority_queue set vt = clock_timestamp();
select is_empty($$ select tests.claim() $$, 'it is not handed out a second time');
select is(tests.job_status((select id from sent)), 'processing', 'and waits for the sweep');

select * from finish();
rollback;
