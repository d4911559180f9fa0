begin;
select plan(6);
select tests.build_world();

create function pg_temp.fail() returns trigger language plpgsql as $$ begin raise exception using errcode = '22000', message = 'secret words'; end; $$;
create trigger fail before insert on public.message_media for each row execute function pg_temp.fail();

select is(
  tests.inbound('{"body": "STOP", "intent": "stop", "media": [{"url": "https://c.test/1"}]}'),
  '{"outcome": "failed", "reason": "sqlstate_22000", "retry": true}', 'the carrier is asked to come again, and the message text stays here'
);
select is_empty($$ select from public.messages m where m.provider_message_id = 'IN1' $$, 'nothing is half done');
select is((select w.status || ' ' || w.tries from public.webhook_events w where w.event_key = 'IN1'), 'failed 1', 'the event is kept');
drop trigger fail on public.message_media;
select is(
  tests.inbound('{"body": "STOP", "intent": "stop", "media": [{"url": "https://c.test/1"}]}') ->> 'outcome', 'processed', 'it is acted on when it comes again'
);
select is((select w.status || ' ' || w.tries from public.webhook_events w where w.event_key = 'IN1'), 'processed 2', 'the same event');
select is((select d.sms_blocked from public.dnc_entries d where d.phone_number = '+13125550142'), true, 'the stop is in force');

select * from finish();
rollback;
