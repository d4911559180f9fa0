begin;
select plan(2);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.accept((select id from attempt), 'SM1') as accepted into temp table accepted;
select is(tests.report('{"provider_message_id": "SM1", "status": "undelivered", "error_code": "30003", "error_text": "Unreachable"}') ->> 'outcome', 'processed', 'reported');
select is(
  (select concat_ws('|', m.status, m.error_code, m.error_text) from public.messages m where m.id = (select id from sent)), 'undelivered|30003|Unreachable', 'shown'
);

select * from finish();
rollback;
