begin;
select plan(2);
select tests.build_world();

create temp table jobs as
  select n, tests.enqueued_id(jsonb_build_object('body', n::text, 'scheduled_for', now() + interval '1 hour')) as id
  from generate_series(1, 3) n;
update public.message_jobs j set due_at = clock_timestamp() - (n * interval '1 second') from jobs where jobs.id = j.id;
select results_eq($$ select c ->> 'body' from tests.claim() c $$, array['3'], 'the one that waited longest first, and of a thread one');
select results_eq($$ select tests.job_place(id) from jobs order by n desc $$, array['processing on its queue', 'queued', 'queued'], 'the others behind it');

select * from finish();
rollback;
