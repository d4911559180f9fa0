begin;
select plan(3);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.accept((select id from attempt), 'SM1') as accepted into temp table accepted;
select is(tests.report('{"provider_message_id": "SM1", "status": "delivered", "event_key": "k1"}') ->> 'outcome', 'processed', 'the first');
select is(tests.report('{"provider_message_id": "SM1", "status": "delivered", "event_key": "k1"}') ->> 'outcome', 'duplicate', 'the second');
select is((select count(*) from public.message_events e where e.event_key = 'k1'), 1::bigint, 'one line');

select * from finish();
rollback;
