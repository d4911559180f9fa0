begin;
select plan(2);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.accept((select id from attempt), 'SM1') as accepted into temp table accepted;
select tests.report('{"provider_message_id": "SM1", "status": "delivered"}') as a,
  tests.report('{"provider_message_id": "SM1", "status": "undelivered", "error_code": "30003", "error_text": "Unreachable"}') as b into temp table reports;
select is(
  (select m.status || coalesce(m.error_code, '') || coalesce(m.error_text, '') from public.messages m where m.id = (select id from sent)), 'delivered',
  'neither in status nor in words'
);
select is((select count(*) from public.message_events e where e.error_code = '30003'), 1::bigint, 'though it is on record');

select * from finish();
rollback;
