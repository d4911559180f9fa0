begin;
select plan(3);
select tests.build_world();

select is(
  tests.report('{"provider_message_id": "SM-unknown", "status": "sent", "event_key": "k1"}'),
  '{"outcome": "failed", "reason": "unknown_message", "retry": false}', 'by id'
);
select is(
  tests.report(jsonb_build_object('attempt_id', tests.id('no attempt'), 'provider_message_id', 'SM-unknown', 'status', 'sent')) ->> 'reason', 'unknown_message', 'by attempt'
);
select is((select w.status from public.webhook_events w where w.event_key = 'k1'), 'failed', 'the events are there');

select * from finish();
rollback;
