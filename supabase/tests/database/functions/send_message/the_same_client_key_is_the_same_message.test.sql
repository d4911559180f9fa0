begin;
select plan(5);
select tests.build_world();

create temp table sent as select tests.send('Hello', tests.id('key')) as message;

select is(tests.send('Hello', tests.id('key')), (select message from sent), 'sent twice, answered twice');
select is(tests.send('Hello', tests.id('key'), 'second agent') ->> 'id', (select message ->> 'id' from sent), 'whoever repeats it');
select is((select count(*) from public.messages m where m.client_key = tests.id('key')), 1::bigint, 'one message');
select is((select count(*) from pgmq.q_sms_priority_queue), 1::bigint, 'one queue entry');
select tests.inbound('{"body": "STOP", "intent": "stop"}') as stopped into temp table stopped;
select is(tests.send('Hello', tests.id('key')) ->> 'status', 'cancelled', 'a late repetition hears what became of it, not that it is forbidden');

select * from finish();
rollback;
