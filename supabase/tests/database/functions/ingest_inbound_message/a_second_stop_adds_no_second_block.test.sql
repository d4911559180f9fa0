begin;
select plan(2);
select tests.build_world();

select tests.inbound('{"intent": "stop"}') as a, tests.inbound('{"intent": "stop", "event_key": "IN2", "provider_message_id": "IN2"}') as b into temp table stopped;

select is((select count(*) from public.dnc_events e where e.phone_number = '+13125550142'), 1::bigint, 'one line in the record');
select is((select count(*) from public.messages m where m.provider_message_id in ('IN1', 'IN2')), 2::bigint, 'both are in the thread');

select * from finish();
rollback;
