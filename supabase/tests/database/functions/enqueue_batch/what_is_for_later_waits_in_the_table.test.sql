begin;
select plan(3);
select tests.build_world();

update public.message_media set status = 'stored';
create temp table later as select tests.enqueued_id(jsonb_build_object('scheduled_for', now() + interval '1 hour')) as id;
select is((select tests.job_place(id) from later), 'scheduled', 'not on a queue');
select ok((select worker.next_due() = due_at from public.message_jobs join later using (id)), 'and the worker knows when');
select is_empty($$ select tests.claim() $$, 'nobody gets it before');

select * from finish();
rollback;
