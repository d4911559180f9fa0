begin;
select plan(1);
select tests.build_world();

select tests.limit_acme(1);
create temp table jobs as select n, tests.enqueued_id(jsonb_build_object('to', '+141555501' || n)) as id from generate_series(10, 59) n;
update public.message_jobs set due_at = now() + interval '1 hour' where queue_message_id is not null;
select private.admit_everywhere() as admitted into temp table first;
update public.message_jobs set due_at = now() + interval '1 hour' where queue_message_id is not null;
select private.admit_everywhere() as admitted into temp table second;
update public.message_jobs set due_at = now() + interval '1 hour' where queue_message_id is not null;
select private.admit_everywhere() as admitted into temp table third;
update public.message_jobs set due_at = now() + interval '1 hour' where queue_message_id is not null;
select private.admit_everywhere() as admitted into temp table fourth;
select is((select count(*)::integer from jobs where tests.job_place(id) = 'queued on its queue'), 16, 'four windows at most');

select * from finish();
rollback;
