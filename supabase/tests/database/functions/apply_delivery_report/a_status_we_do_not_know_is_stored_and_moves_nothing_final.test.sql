begin;
select plan(4);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.accept((select id from attempt), 'SM1') as accepted into temp table accepted;
select tests.report('{"provider_message_id": "SM1", "status": null, "provider_status": "read"}') as a into temp table a;
select is(tests.message_status((select id from sent)), 'sent', 'what was sent stays sent');
select is(
  tests.report('{"provider_message_id": "SM1", "status": "exploded"}') ->> 'outcome', 'failed', 'an invented status of our own is refused'
);
select tests.report('{"provider_message_id": "SM1", "status": "delivered"}') as a into temp table b;
select tests.report('{"provider_message_id": "SM1", "status": null, "provider_status": "seen"}') as a into temp table c;
select is(tests.message_status((select id from sent)), 'delivered', 'what was delivered stays delivered');
select set_eq(
  $$ select e.provider_status from public.message_events e where e.message_id = (select id from sent) $$, array['accepted', 'read', 'delivered', 'seen'], 'all are on record'
);

select * from finish();
rollback;
