begin;
select plan(4);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.accept((select id from attempt), 'SM1') as accepted into temp table accepted;
select is(
  tests.report(jsonb_build_object('account_ref', 'AC-rival', 'attempt_id', (select id from attempt), 'provider_message_id', 'SM1', 'status', 'delivered')) ->> 'reason',
  'unknown_message', 'neither by our attempt'
);
select is(
  tests.report('{"account_ref": "AC-rival", "provider_message_id": "SM1", "status": "delivered"}') ->> 'reason', 'unknown_message', 'nor by the carrier''s id'
);
select is(
  tests.report('{"provider": "telnyx", "provider_message_id": "SM1", "status": "delivered"}') ->> 'reason', 'unknown_message', 'nor from another carrier'
);
select is(tests.message_status((select id from sent)), 'sent', 'unchanged');

select * from finish();
rollback;
