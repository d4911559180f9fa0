begin;
select plan(7);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled from job;
create temp table recall as select r.id from public.carrier_recalls r join job on r.job_id = job.id;
select is(tests.resolve_recall('{"kind": "cancelled", "provider_status": "canceled", "http_status": 200}'), 'recalled', 'certain');
select is((select tests.whereabouts(id) from job), 'cancelled, cancelled', 'job and message');
select is((select state from public.send_attempts where job_id = (select id from job)), 'recalled', 'the attempt says so');
select results_eq($$ select state, provider_status, http_status::integer, finished_at is not null from public.carrier_recalls join recall using (id) $$,
  $$ values ('recalled', 'canceled', 200, true) $$, 'and the wish');
select set_eq($$ select provider_status from public.message_events e join public.message_jobs j on j.message_id = e.message_id join job on j.id = job.id
  where event_key like 'recall:%' $$, array['recall_wanted', 'recalled'], 'step by step');
select is((select worker.resolve_recall(id, '{"kind": "too_late"}') from recall), 'settled', 'another answer changes nothing');
select is((select r ->> 'outcome' from job, jsonb_array_elements(public.cancel_jobs(tests.id('acme'), array[id])) r), 'unchanged', 'nor does another wish');

select * from finish();
rollback;
