begin;
select plan(5);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select is(tests.value_as('worker', format('select worker.release(''w2'', %L)', array[(select id from attempt)])), '0', 'not by another worker');
select is(tests.value_as('worker', format('select worker.release(''w1'', %L)', array[(select id from attempt)])), '1', 'by the one that holds it');
select is(tests.job_status((select id from sent)) || ' ' || tests.queue_state((select id from sent)), 'queued visible', 'back at once');
select is((select j.retry_count::integer from public.message_jobs j where j.message_id = (select id from sent)), 0, 'which was no try');
select is((select count(*) from tests.claim(p_worker => 'w2')), 1::bigint, 'another worker takes it');

select * from finish();
rollback;
