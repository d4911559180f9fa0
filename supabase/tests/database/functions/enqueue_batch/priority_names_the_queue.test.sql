begin;
select plan(1);
select tests.build_world();

create temp table answers as select r from tests.enqueue(
  '{"to": "+14155550101"}', '{"to": "+14155550102", "priority": "high"}', '{"to": "+14155550103", "priority": "urgent"}',
  '{"to": "+14155550104", "priority": 6}', '{"to": "+14155550105", "priority": "5"}'
) r;
select results_eq(
  $$ select j.priority::integer, j.queue_name from answers join public.message_jobs j on j.id = (r ->> 'job_id')::uuid
    order by r ->> 'index' $$,
  $$ values (5, 'sms_queue'), (7, 'sms_priority_queue'), (9, 'sms_priority_queue'), (6, 'sms_priority_queue'), (5, 'sms_queue') $$,
  'more than 5 goes to the priority queue'
);

select * from finish();
rollback;
