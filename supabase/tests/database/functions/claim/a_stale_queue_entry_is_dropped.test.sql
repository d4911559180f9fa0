begin;
select plan(4);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
select pgmq.send('sms_priority_queue'::text, jsonb_build_object('v', 1, 'job_id', j.id)::jsonb, 0) as id into temp table copy
from public.message_jobs j where j.message_id = (select id from sent);
select pgmq.send('sms_queue'::text, jsonb_build_object('v', 1, 'job_id', tests.id('no job'))::jsonb, 0) as id into temp table orphan;

select is((select count(*) from tests.claim(10)), 1::bigint, 'a copy of the entry does not send the message twice');
select is((select count(*) from pgmq.q_sms_priority_queue), 1::bigint, 'the copy is gone');
select is((select count(*) from pgmq.q_sms_queue), 0::bigint, 'so is the entry of a job there is not');
select is((select count(*) from public.send_attempts a where a.state = 'submitting'), 1::bigint, 'one attempt');

select * from finish();
rollback;
