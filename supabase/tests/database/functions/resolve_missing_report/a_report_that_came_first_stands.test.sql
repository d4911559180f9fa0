begin;
select plan(3);
select tests.build_world();
-- Those of the world itself are no part of this.
delete from public.message_jobs;

create temp table job as select tests.enqueued_id('{"to": "+14155550110"}') as id;
select tests.accept(tests.claimed_attempt(), 'SM1');
select tests.age_attempts('20 minutes');
select tests.missing_reports();
select tests.report('{"provider_message_id": "SM1", "status": "delivered"}');
select is((select worker.resolve_missing_report(id, '{"kind": "known", "status": "failed", "provider_status": "failed"}') from public.send_attempts), 'reported', 'the answer was on its way');
select is((select tests.job_place(id) from job), 'delivered', 'but the report was faster');
select results_eq(
  $$ select e.provider_status from public.message_events e join public.send_attempts a on e.attempt_id = a.id where e.provider_status in ('delivered', 'failed') order by 1 $$,
  array['delivered', 'failed'], 'both observations are kept'
);

select * from finish();
rollback;
