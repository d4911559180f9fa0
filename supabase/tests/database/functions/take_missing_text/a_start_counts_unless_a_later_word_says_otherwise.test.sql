begin;
select plan(5);
select tests.build_world();

select tests.age_number('10 days');
select tests.found_text('3 hours', '{"intent": "stop", "event_key": "S1"}');
select tests.found_text('2 hours', '{"intent": "start", "event_key": "S2"}');
select is(tests.is_blocked(), false, 'STOP and START, both found: the START was last');
select tests.found_text('2 hours 30 minutes', '{"intent": "stop", "event_key": "S3"}');
select is(tests.is_blocked(), false, 'whatever turns up from before it');

select tests.inbound('{"intent": "stop", "event_key": "IN1", "provider_message_id": "IN1"}');
select tests.found_text('1 hour', '{"intent": "start", "event_key": "S4"}');
select is(tests.is_blocked(), true, 'it does not lift a STOP that came later');

-- The second STOP changes no entry, and is the last word nevertheless.
select tests.found_text('-1 seconds', '{"intent": "stop", "event_key": "S5"}');
update public.messages set created_at = now() - interval '2 hours' where provider_message_id = 'IN1';
select tests.found_text('1 hour', '{"intent": "start", "event_key": "S6"}');
select is(tests.is_blocked(), true, 'nor one that was only said again');

delete from public.messages;
insert into public.dnc_entries as d (organization_id, phone_number, sms_blocked, source) values (tests.id('acme'), '+13125550142', false, 'member')
on conflict (organization_id, phone_number) do update set sms_blocked = false, source = 'member';
update public.dnc_entries set sms_blocked = true, source = 'carrier' where phone_number = '+13125550142';
select tests.found_text('1 hour', '{"intent": "start", "event_key": "S7"}');
select is(tests.is_blocked(), true, 'nor what the carrier or a member has blocked since');

select * from finish();
rollback;
