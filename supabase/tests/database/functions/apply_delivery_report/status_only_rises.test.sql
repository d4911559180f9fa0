begin;
select plan(6);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.accept((select id from attempt), 'SM1') as accepted into temp table accepted;
select is(tests.report('{"provider_message_id": "SM1", "status": "delivered"}') ->> 'outcome', 'processed', 'delivered comes first');
select is(tests.message_status((select id from sent)), 'delivered', 'and counts');
select is(tests.report('{"provider_message_id": "SM1", "status": "sent"}') ->> 'outcome', 'processed', 'sent comes late');
select is(tests.message_status((select id from sent)) || ' ' || tests.job_status((select id from sent)), 'delivered delivered', 'and changes nothing');
select is((select count(*) from public.message_events e where e.message_id = (select id from sent)), 3::bigint, 'all of it is on record');
select isnt((select m.delivered_at from public.messages m where m.id = (select id from sent)), null, 'with the time');

select * from finish();
rollback;
