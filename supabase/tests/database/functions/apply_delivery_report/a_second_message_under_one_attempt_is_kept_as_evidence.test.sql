begin;
select plan(5);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.accept((select id from attempt), 'SM1') as accepted into temp table accepted;
create function pg_temp.report() returns jsonb language sql as $$
  select tests.report(jsonb_build_object('attempt_id', (select id from attempt), 'provider_message_id', 'SM2', 'status', 'delivered', 'event_key', 'k2'));
$$;
select is(pg_temp.report(), '{"outcome": "failed", "reason": "second_provider_message", "retry": false}', 'the carrier has two of ours');
select is(tests.message_status((select id from sent)), 'sent', 'nothing changes');
select is((select m.provider_message_id from public.messages m where m.id = (select id from sent)), 'SM1', 'least of all the id');
select is(pg_temp.report() ->> 'reason', 'second_provider_message', 'it stays a failure when it comes again');
select is((select w.status from public.webhook_events w where w.event_key = 'k2'), 'failed', 'for an admin to see');

select * from finish();
rollback;
