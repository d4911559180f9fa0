begin;
select plan(2);
select tests.build_world();

create temp table job as select tests.enqueued_id(jsonb_build_object(
  'scheduled_for', now() + interval '1 hour', 'send_before', now() + interval '2 hours'
)) as id;
update public.message_jobs set due_at = now() - interval '2 hours', send_before = now() - interval '1 hour' where id = (select id from job);
select is_empty($$ select tests.claim() $$, 'it does not leave');
select results_eq($$ select status, error_details ->> 'code' from public.message_jobs join job using (id) $$, $$ values ('failed', 'TL116') $$, 'and says why');

select * from finish();
rollback;
