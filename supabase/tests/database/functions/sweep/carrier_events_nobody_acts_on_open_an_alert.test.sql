begin;
select plan(6);
select tests.build_world();

create function pg_temp.open_alert() returns text language sql as $$
  select format('%s %s', a.severity, a.details) from public.alerts a
  where a.kind = 'events_failed' and a.closed_at is null and a.organization_id = tests.id('acme');
$$;
create temp table sweeps (s jsonb);

select tests.report('{"attempt_id": "01900000-0000-7000-8000-000000000000", "provider_message_id": "SM9", "status": "delivered"}') as r into temp table stray;
insert into stray select tests.inbound('{"from": "12345", "event_key": "IN0", "provider_message_id": "IN0"}');
insert into sweeps select worker.sweep();
select is(pg_temp.open_alert(), null, 'a stranger''s report and a text from a short code are nothing to act on');

create function pg_temp.fail() returns trigger language plpgsql as $$ begin raise exception using errcode = '22000'; end; $$;
create trigger fail before insert on public.messages for each row execute function pg_temp.fail();
insert into stray select tests.inbound();
insert into sweeps select worker.sweep();
select is(pg_temp.open_alert(), null, 'what will be acted on again needs nobody yet');
update public.webhook_events w set try_again_at = null where w.event_key = 'IN1';
insert into sweeps select worker.sweep();
select is(
  pg_temp.open_alert(), 'critical {"texts": 1, "reason": "sqlstate_22000", "numbers": [], "reports": 0}',
  'a text that was given up is, also where its words never reached its tenant'
);

drop trigger fail on public.messages;
insert into stray select tests.inbound('{"to": "+12125550177", "event_key": "IN2", "provider_message_id": "IN2"}');
select tests.value_as('admin', format(
  'select public.replay_webhook_event(%L)', (select w.id from public.webhook_events w where w.event_key = 'IN1')
)) as r into temp table replayed;
insert into sweeps select worker.sweep();
select is(
  pg_temp.open_alert(), 'critical {"texts": 1, "reason": "unknown_number", "numbers": ["+12125550177"], "reports": 0}',
  'and names the number that is not set up'
);

update public.webhook_events w set created_at = now() - interval '31 days' where w.event_key = 'IN2';
insert into sweeps select worker.sweep();
select is(pg_temp.open_alert(), null, 'it is over when nothing of the last 30 days is left');
select is((select count(*)::integer from public.alerts where organization_id = tests.id('rival')), 0, 'and nobody else''s');

select * from finish();
rollback;
