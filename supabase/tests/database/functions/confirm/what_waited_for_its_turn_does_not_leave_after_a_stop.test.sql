begin;
select plan(3);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"to": "+13125550142"}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select is((select count(*)::integer from worker.confirm('w1', array(select id from claimed))), 1, 'nothing has happened');
select tests.inbound('{"body": "STOP", "intent": "stop"}') as stopped into temp table stopped;
select is_empty($$ select worker.confirm('w1', array(select id from claimed)) $$, 'now it may not');
update public.dnc_entries set sms_blocked = false where phone_number = '+13125550142';
update public.message_jobs set send_before = now() - interval '1 second' where id = (select id from job);
select is_empty($$ select worker.confirm('w1', array(select id from claimed)) $$, 'nor when it is too late by then');

select * from finish();
rollback;
