begin;
select plan(8);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
select is((select r ->> 'code' from job, jsonb_array_elements(public.cancel_jobs(tests.id('rival'), array[id])) r), 'TL001', 'not by another organization');
select is((select count(*)::integer from public.carrier_recalls where state = 'wanted'), 0, 'which asks for nothing');
select results_eq(
  $$ select r ->> 'outcome', r ->> 'status', r ->> 'code' from job, jsonb_array_elements(public.cancel_jobs(tests.id('acme'), array[id])) r $$,
  $$ values ('requested', 'at_carrier', null) $$, 'the carrier has the last word'
);
select is((select r ->> 'outcome' from job, jsonb_array_elements(public.cancel_jobs(tests.id('acme'), array[id])) r), 'requested', 'asking twice is no harm');
select results_eq($$ select reason, state from public.carrier_recalls join job on job_id = job.id $$, $$ values ('cancelled', 'wanted') $$, 'one wish is kept');
select is((select r #>> '{0,recall,state}' from job, public.job_status(tests.id('acme'), array[id]) r), 'wanted', 'and its program can see it');
select results_eq($$ select provider_status from public.message_events e join public.message_jobs j on j.message_id = e.message_id join job on j.id = job.id
  where event_key like 'recall:%' $$, array['recall_wanted'], 'it stands among the events');
select is(tests.resolve_recall('{"kind": "cancelled"}'), 'recalled', 'the carrier gives it back');

select * from finish();
rollback;
