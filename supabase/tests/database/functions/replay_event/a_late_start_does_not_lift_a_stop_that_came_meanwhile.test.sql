begin;
select plan(4);
select tests.build_world();

create function pg_temp.fail() returns trigger language plpgsql as $$ begin raise exception using errcode = '40P01'; end; $$;
create function pg_temp.start_fails(p_event_key text) returns void language plpgsql as $$
begin
  create trigger fail before insert on public.messages for each row execute function pg_temp.fail();
  perform tests.inbound(jsonb_build_object('body', 'START', 'intent', 'start', 'event_key', p_event_key, 'provider_message_id', p_event_key));
  drop trigger fail on public.messages;
  update public.webhook_events w set created_at = clock_timestamp(), try_again_at = clock_timestamp() where w.event_key = p_event_key;
end;
$$;

select pg_temp.start_fails('IN1');
select tests.inbound('{"body": "STOP", "intent": "stop", "event_key": "IN2", "provider_message_id": "IN2"}') as r into temp table stopped;
select ok(worker.replay_event(), 'the START is acted on at last');
select is((select w.status from public.webhook_events w where w.event_key = 'IN1'), 'processed', 'its text is there');
select is((select d.sms_blocked from public.dnc_entries d where d.phone_number = '+13125550142'), true, 'but the STOP is the last word');

select pg_temp.start_fails('IN3');
select worker.replay_event() as r into temp table replayed;
select is((select d.sms_blocked from public.dnc_entries d where d.phone_number = '+13125550142'), false, 'one that came after it lifts it, late as it is');

select * from finish();
rollback;
