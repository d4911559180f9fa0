begin;
select plan(3);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.complete((select id from attempt), '{"outcome": "later", "http_status": 429}') as later into temp table later;
select is(tests.queue_state((select id from sent)), 'hidden', 'refused for now, it waits for another try');
select tests.report(jsonb_build_object('attempt_id', (select id from attempt), 'provider_message_id', 'SM1', 'status', 'sent')) as r into temp table r;
select is(tests.queue_state((select id from sent)), 'gone', 'it had arrived after all, and is not sent again');
select is(tests.message_status((select id from sent)), 'sent', 'the message says so');

select * from finish();
rollback;
