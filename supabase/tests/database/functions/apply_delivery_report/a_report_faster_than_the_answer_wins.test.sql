begin;
select plan(4);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.report(jsonb_build_object('attempt_id', (select id from attempt), 'provider_message_id', 'SM1', 'status', 'delivered')) as r into temp table r;
select is(tests.message_status((select id from sent)), 'delivered', 'while the call is still open');
select is(tests.queue_state((select id from sent)), 'gone', 'the queue lets go of it');
select is(tests.accept((select id from attempt), 'SM1'), 0, 'the answer is no news');
select is(tests.message_status((select id from sent)) || ' ' || tests.job_status((select id from sent)), 'delivered delivered', 'and takes nothing back');

select * from finish();
rollback;
