begin;
select plan(4);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.complete((select id from attempt), '{"outcome": "unknown", "error_message": "socket hang up"}') as done into temp table done;
select is(tests.message_status((select id from sent)) || ' ' || tests.job_status((select id from sent)), 'unknown unknown', 'shown as it is');
select is(tests.queue_state((select id from sent)), 'gone', 'off the queue');
select is_empty($$ select tests.claim() $$, 'and not handed out');
select is(tests.accept((select id from attempt), 'SM1'), 1, 'a late answer is still welcome');

select * from finish();
rollback;
