begin;
select plan(3);
select tests.build_world();

create temp table jobs as select
  tests.enqueued_id('{"to": "+14155550101"}') as gone, tests.enqueued_id('{"to": "+14155550102"}') as queued,
  tests.enqueued_id(jsonb_build_object('to', '+14155550103', 'scheduled_for', now() + interval '1 hour')) as scheduled;
update public.message_jobs set priority = 9 where id = (select gone from jobs);
create temp table claimed as select c from tests.claim(1) c;
update jobs set gone = (select (c ->> 'job_id')::uuid from claimed),
  queued = (select j.id from public.message_jobs j where j.status = 'queued' and j.recipient like '+141555501%');
select results_eq(
  $$ select r ->> 'outcome', r ->> 'code' from jobs,
    jsonb_array_elements(public.cancel_jobs(tests.id('acme'), array[gone, queued, scheduled, tests.id('nothing'), queued])) r $$,
  $$ values ('refused', 'TL114'), ('cancelled', null), ('cancelled', null), ('refused', 'TL001'), ('cancelled', null) $$, 'in the order asked'
);
select is((select r ->> 'outcome' from jobs, jsonb_array_elements(public.cancel_jobs(tests.id('acme'), array[queued])) r), 'unchanged', 'twice is no harm');
select is((select count(*)::integer from pgmq.q_sms_queue), 1, 'only the one that has left is still on the queue');

select * from finish();
rollback;
