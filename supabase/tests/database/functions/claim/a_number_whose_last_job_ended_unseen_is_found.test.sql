begin;
select plan(2);
select tests.build_world();

create temp table job as select tests.enqueued_id() as id;
-- As when the window was full when it was written, and empty before anybody saw it.
delete from pgmq.q_sms_queue;
update public.message_jobs set queue_message_id = null where id = (select id from job);
select ok(worker.next_due() <= clock_timestamp(), 'no worker sleeps on it');
select is((select count(*)::integer from tests.claim()), 1, 'and the next claim has it');

select * from finish();
rollback;
