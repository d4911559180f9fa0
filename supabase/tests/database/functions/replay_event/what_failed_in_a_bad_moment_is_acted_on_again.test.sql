begin;
select plan(6);
select tests.build_world();

create function pg_temp.fail() returns trigger language plpgsql as $$ begin raise exception using errcode = '40P01', message = 'secret words'; end; $$;
create trigger fail before insert on public.messages for each row execute function pg_temp.fail();
select tests.inbound('{"body": "Are you there?"}') as r into temp table failed;

select ok(not worker.replay_event(), 'at first the carrier may come again by itself');
update public.webhook_events w set try_again_at = clock_timestamp() where w.event_key = 'IN1';
select ok(worker.replay_event(), 'then a worker does it');
select is((select w.status || ' ' || w.tries from public.webhook_events w where w.event_key = 'IN1'), 'failed 2', 'and again, as long as it fails');
drop trigger fail on public.messages;
update public.webhook_events w set try_again_at = clock_timestamp() where w.event_key = 'IN1';
select worker.replay_event() as r into temp table mended;
select is((select m.body from public.messages m where m.provider_message_id = 'IN1'), 'Are you there?', 'the message is there');
select is((select w.try_again_at from public.webhook_events w where w.event_key = 'IN1'), null, 'that was that');
select ok(not worker.replay_event(), 'nothing is left to do');

select * from finish();
rollback;
