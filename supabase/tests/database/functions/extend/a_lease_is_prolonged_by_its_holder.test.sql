begin;
select plan(4);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.let_leases_run_out();
select is(tests.value_as('worker', format('select worker.extend(''w2'', %L, 60)', array[(select id from attempt)])), '0', 'not by another worker');
select is(tests.value_as('worker', format('select worker.extend(''w1'', %L, 60)', array[(select id from attempt)])), '1', 'by the one that holds it');
select is(tests.value_as('worker', 'select worker.sweep()')::jsonb ->> 'attempts_lost', '0', 'the sweep leaves it alone');
select ok((select q.vt > clock_timestamp() + interval '50 seconds' from pgmq.q_sms_priority_queue q), 'and the queue hides it as long');

select * from finish();
rollback;
