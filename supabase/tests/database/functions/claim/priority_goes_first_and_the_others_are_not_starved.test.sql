begin;
select plan(4);
select tests.build_world();

-- Thirty of each kind.
select tests.add_thread('thread ' || n, '+1415555' || to_char(1000 + n, 'FM0000')) as id into temp table threads from generate_series(1, 60) n;
select tests.sent_id('Message', 'thread ' || n) as id into temp table sent from generate_series(1, 60) n;
update public.message_jobs j
set queue_name = 'sms_queue', queue_message_id = q.msg_id
from (
  select j.id, pgmq.send('sms_queue'::text, jsonb_build_object('v', 1, 'job_id', j.id)::jsonb, 0) as msg_id
  from public.message_jobs j where j.status = 'queued' order by j.id limit 30
) q
where j.id = q.id;
delete from pgmq.q_sms_priority_queue q where (q.message ->> 'job_id')::uuid in (select j.id from public.message_jobs j where j.queue_name = 'sms_queue');

create function pg_temp.shares() returns text language sql volatile as $$
  select count(*) filter (where c ->> 'queue' = 'sms_priority_queue') || ' ' || count(*) filter (where c ->> 'queue' = 'sms_queue')
  from tests.claim(20) c;
$$;

select is(pg_temp.shares(), '16 4', 'a fifth of a claim belongs to the regular queue');
select is(pg_temp.shares(), '14 6', 'what priority leaves is used by the regular');
select is(pg_temp.shares(), '0 20', 'all of it when there is nothing else');
select is(pg_temp.shares(), '0 0', 'sixty in all');

select * from finish();
rollback;
