begin;
select plan(7);
select tests.build_world();

select tests.age_number('10 days');
select tests.send('wait') as r into temp table waiting;
select tests.found_text('3 hours', '{"intent": "stop", "event_key": "S1"}');
select is(tests.is_blocked(), true, 'a STOP blocks at once, however late it is found');
select is((select m.status from public.messages m where m.body = 'wait'), 'cancelled', 'and cancels what waits');

delete from public.messages; delete from public.dnc_entries;
select tests.inbound('{"intent": "start", "event_key": "IN2", "provider_message_id": "IN2"}');
select tests.found_text('3 hours', '{"intent": "stop", "event_key": "S2"}');
select is(tests.is_blocked(), false, 'not when the person has asked to return since, though nothing was lifted then');
select is((select count(*) from public.messages m where m.provider_message_id = 'S2'), 1::bigint, 'the text is there all the same');

select tests.found_text('2 hours', '{"intent": "start", "event_key": "S3"}');
select tests.found_text('1 hour', '{"intent": "stop", "event_key": "S4"}');
select is(tests.is_blocked(), false, 'not though a START was sent in between');
delete from public.messages m where m.provider_message_id = 'IN2';
select tests.found_text('50 minutes', '{"intent": "stop", "event_key": "S5"}');
select is(tests.is_blocked(), true, 'a STOP after a START counts, found at the same time as they are');

update public.dnc_entries set sms_blocked = false, source = 'member' where phone_number = '+13125550142';
select tests.found_text('10 minutes', '{"intent": "stop", "event_key": "S6"}');
select is(tests.is_blocked(), false, 'nor against what a member has written down since');

select * from finish();
rollback;
