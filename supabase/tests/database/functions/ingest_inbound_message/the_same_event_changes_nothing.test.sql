begin;
select plan(3);
select tests.build_world();

select is(tests.inbound() ->> 'outcome', 'processed', 'the first time');
select is(tests.inbound(), '{"outcome": "duplicate"}', 'the carrier came again');
select is((select count(*) from public.messages m where m.provider_message_id = 'IN1'), 1::bigint, 'one message');

select * from finish();
rollback;
