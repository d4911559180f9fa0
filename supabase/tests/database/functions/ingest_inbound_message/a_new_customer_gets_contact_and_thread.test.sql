begin;
select plan(5);
select tests.build_world();

select is(
  tests.inbound('{"from": "+14155550123", "body": "Are you open?", "segments": 2}'), '{"outcome": "processed", "retry": false}', 'processed'
);
select results_eq(
  $$ select c.phone_number, m.body, m.direction, m.status, m.sequence, m.segments::integer, m.provider_message_id from public.messages m
    join public.threads t on t.id = m.thread_id join public.contacts c on c.id = t.contact_id where m.body = 'Are you open?' $$,
  $$ values ('+14155550123', 'Are you open?', 'inbound', 'received', 1, 2, 'IN1') $$,
  'the message is the first of a thread with a new contact'
);
select is(
  (select m.organization_id from public.messages m where m.body = 'Are you open?'), tests.id('acme'), 'in the organization that holds the number'
);
select results_eq(
  $$ select w.status, w.kind, w.organization_id, w.event ->> 'body' from public.webhook_events w where w.event_key = 'IN1' $$,
  $$ values ('processed', 'inbound_message', tests.id('acme'), 'Are you open?') $$, 'the event is kept'
);
select is(
  tests.value_as('agent', format('select public.inbox_page(%L)', tests.id('acme')))::jsonb #>> '{threads,0,unread_count}', '1', 'and unread'
);

select * from finish();
rollback;
