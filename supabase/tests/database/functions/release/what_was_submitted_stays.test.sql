begin;
select plan(3);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.complete((select id from attempt), '{"outcome": "unknown"}') as lost into temp table lost;
select is(tests.value_as('worker', format('select worker.release(''w1'', %L)', array[(select id from attempt)])), '0', 'too late');
select is(tests.job_status((select id from sent)), 'unknown', 'unchanged');
select is(tests.value_as('worker', 'select worker.release(''w1'', ''{}'')'), '0', 'nothing to release is no error');

select * from finish();
rollback;
