begin;
select plan(6);
select tests.build_world();

select tests.age_number('10 days');
select is(tests.found_text('1 hour', '{"media": [{"url": "https://carrier.test/1", "content_type": "image/png"}]}') ->> 'outcome', 'processed', 'what was lost is there');
select is(tests.inbound('{"event_key": "LOG1", "provider_message_id": "LOG1"}') ->> 'outcome', 'duplicate', 'its webhook comes after all');
select is(tests.inbound('{"event_key": "x", "provider_message_id": "LOG1"}') ->> 'outcome', 'duplicate', 'or by another key');
select tests.inbound('{"event_key": "IN2", "provider_message_id": "IN2"}');
select is(tests.found_text('0', '{"event_key": "IN2"}') ->> 'outcome', 'duplicate', 'and the other way round');
select is((select count(*) from public.messages m where m.provider_message_id in ('LOG1', 'IN2')), 2::bigint, 'one message each');
select is((select count(*) from public.message_media d join public.messages m on m.id = d.message_id where m.provider_message_id = 'LOG1'), 1::bigint, 'with its picture');

select * from finish();
rollback;
