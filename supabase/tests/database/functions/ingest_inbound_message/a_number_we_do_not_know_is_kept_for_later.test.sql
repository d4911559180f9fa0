begin;
select plan(5);
select tests.build_world();

select is(
  tests.inbound('{"to": "+12125550177"}'), '{"outcome": "failed", "reason": "unknown_number", "retry": false}', 'nobody to give it to'
);
select results_eq(
  $$ select w.status, w.reason, w.organization_id from public.webhook_events w where w.event_key = 'IN1' $$,
  $$ values ('failed', 'unknown_number', tests.id('acme')) $$, 'whose account it is can be told'
);
insert into public.phone_numbers (organization_id, provider_account_id, phone_number) values (tests.id('acme'), tests.id('acme account'), '+12125550177');
select is(
  tests.value_as('admin', format(
    'select public.replay_webhook_event(%L)', (select w.id from public.webhook_events w where w.event_key = 'IN1')
  ))::jsonb, '{"outcome": "processed"}', 'once the number is registered an admin replays it'
);
select is((select count(*) from public.messages m where m.provider_message_id = 'IN1'), 1::bigint, 'and the message is there');
select is((select w.status from public.webhook_events w where w.event_key = 'IN1'), 'processed', 'the event is done with');

select * from finish();
rollback;
