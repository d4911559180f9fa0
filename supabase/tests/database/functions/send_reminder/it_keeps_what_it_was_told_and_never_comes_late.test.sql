begin;
select plan(5);
select tests.build_world();

create function pg_temp.remind(p_more jsonb) returns jsonb
language sql volatile
as $$
  select public.send_reminder(tests.id('acme'), jsonb_build_object(
    'to', '+14155550123', 'body', 'See you', 'class', 'urgent', 'dedupe_window_seconds', 0, 'due_at', now() + interval '30 minutes'
  ) || p_more);
$$;
create function pg_temp.job(p_answer jsonb) returns public.message_jobs
language sql volatile
as $$ select j from public.message_jobs j where j.id = (p_answer ->> 'job_id')::uuid $$;

select is((pg_temp.job(pg_temp.remind('{"priority": "normal"}'))).priority::integer, 5, 'a priority it was given');
select is((pg_temp.job(pg_temp.remind('{"priority": null}'))).priority::integer, 9, 'null is none');
select is(
  (pg_temp.job(pg_temp.remind(jsonb_build_object('send_before', now() + interval '10 minutes')))).send_before,
  now() + interval '10 minutes', 'an earlier end it was given'
);
select is(
  (pg_temp.job(pg_temp.remind(jsonb_build_object('send_before', now() + interval '10 days')))).send_before,
  now() + interval '30 minutes', 'but none after what it reminds of'
);
select is(pg_temp.remind('{"send_before": "soon"}') ->> 'code', 'TL002', 'and what is no time is refused');

select * from finish();
rollback;
