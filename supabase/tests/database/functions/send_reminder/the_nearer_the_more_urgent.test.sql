begin;
select plan(2);
select tests.build_world();

create temp table reminders as
  select e.n, public.send_reminder(tests.id('acme'), jsonb_build_object(
    'to', '+1415555012' || e.n, 'body', 'See you', 'class', 'urgent', 'due_at', now() + e.away
  )) as r
  from (values (1, interval '30 minutes'), (2, interval '5 hours'), (3, interval '3 days')) as e (n, away);
select results_eq(
  $$ select j.priority::integer from reminders join public.message_jobs j on j.id = (r ->> 'job_id')::uuid order by n $$,
  array[9, 7, 5], 'under an hour, under a day, else'
);
select ok((select bool_and(j.send_before between now() and now() + interval '4 days') from reminders join public.message_jobs j on j.id = (r ->> 'job_id')::uuid),
  'and none after what it reminds of');

select * from finish();
rollback;
