begin;
select plan(2);
select tests.build_world();

create temp table sent as select tests.sent_id('Soon') as soon;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.accept(id, 'SM1') as done into temp table done from claimed;
select tests.report('{"provider_message_id": "SM1", "status": "failed", "retry": {"after_seconds": 14400, "times": 2}}') as r into temp table hours;
select is((select count(*)::integer from public.message_jobs where metadata ? 'retry_of'), 0, 'not hours later');
create temp table second as select tests.sent_id('Again') as id;
create temp table claimed_second as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.accept(id, 'SM2') as done into temp table done_second from claimed_second;
select tests.report('{"provider_message_id": "SM2", "status": "failed", "retry": {"after_seconds": 300, "times": 1}}') as r into temp table minutes;
select is((select count(*)::integer from public.message_jobs where metadata ? 'retry_of'), 1, 'minutes later it may');

select * from finish();
rollback;
