begin;
select plan(3);
select tests.build_world();

create temp table sent as select tests.sent_id('One') as one, tests.sent_id('Two') as two;
create temp table first as select c from tests.claim() c;

select tests.complete((c ->> 'attempt_id')::uuid, '{"outcome": "later", "retry_after_seconds": 60}') as later into temp table later from first;
select is_empty($$ select tests.claim() $$, 'the second waits for the first');
select is((select tests.queue_state(two) from sent), 'gone', 'and is not on the queue yet');
update pgmq.q_sms_priority_queue set vt = clock_timestamp();
select results_eq($$ select c ->> 'body' from tests.claim() c $$, array['One'], 'when all are due the first goes first');

select * from finish();
rollback;
