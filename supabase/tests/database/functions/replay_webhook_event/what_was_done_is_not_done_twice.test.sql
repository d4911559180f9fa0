begin;
select plan(2);
select tests.build_world();

select tests.inbound() as received into temp table received;
select is(
  tests.value_as('admin', format('select public.replay_webhook_event(%L)', (select w.id from public.webhook_events w where w.event_key = 'IN1')))::jsonb ->> 'outcome',
  'duplicate', 'the message is there already'
);
select is((select count(*) from public.messages m where m.provider_message_id = 'IN1'), 1::bigint, 'once');

select * from finish();
rollback;
