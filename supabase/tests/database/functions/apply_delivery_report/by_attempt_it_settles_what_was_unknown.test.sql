begin;
select plan(5);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.complete((select id from attempt), '{"outcome": "unknown"}') as lost into temp table lost;
select is(tests.message_status((select id from sent)), 'unknown', 'the answer of the carrier was lost');
select is(
  tests.report(jsonb_build_object('attempt_id', (select id from attempt), 'provider_message_id', 'SM1', 'status', 'sent')) ->> 'outcome', 'processed',
  'the callback names our attempt'
);
select is(tests.message_status((select id from sent)), 'sent', 'so it did arrive');
select is((select a.state || ' ' || a.provider_message_id from public.send_attempts a where a.id = (select id from attempt)), 'accepted SM1', 'and we know its id');
select is(
  tests.report('{"provider_message_id": "SM1", "status": "delivered"}') ->> 'outcome', 'processed', 'by which the next report finds it'
);

select * from finish();
rollback;
