begin;
select plan(2);
select tests.build_world();

select tests.age_number('10 days');
insert into public.webhook_events (provider, account_ref, kind, event_key, event, status, reason)
values ('twilio', 'AC-acme', 'inbound_message', 'IN-failed', '{}', 'failed', 'sender_is_not_a_phone_number');
select tests.inbound('{"event_key": "another key", "provider_message_id": "IN-told"}');
select tests.inbound('{"event_key": "IN-rival", "provider_message_id": "IN-rival", "account_ref": "AC-rival", "to": "+12125550200"}');
create temp table answer as select tests.value_as('worker', format('select worker.unknown_texts(%L, %L)', tests.id('acme number'),
  '["IN-failed", "IN-told", "IN-lost", "SM-acme-in", "IN-rival"]'))::jsonb as ids;
select is(ids, '["IN-lost", "IN-rival"]', 'by the key of its event, or as a message; another account''s is another text') from answer;
select is(tests.value_as('worker', format('select worker.unknown_texts(%L, ''["x"]'')', tests.id('nobody')))::jsonb, '[]', 'nothing is missed by a number that is gone');

select * from finish();
rollback;
