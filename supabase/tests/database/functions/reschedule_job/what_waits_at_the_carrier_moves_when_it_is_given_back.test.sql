begin;
select plan(14);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
create temp table message as select message_id as id from public.message_jobs join job using (id);
select throws_ok(format('select public.reschedule_job(%L, %L, %L)', tests.id('rival'), id, now() + interval '1 day'), 'TL001', null, 'not by another organization') from job;
select throws_ok(format('select public.reschedule_job(%L, %L, %L)', tests.id('acme'), id, now()), 'TL118', null, 'not nearer than it takes') from job;
select throws_ok(format('select public.reschedule_job(%L, %L, %L)', tests.id('acme'), id, now() + interval '36 days'), 'TL118', null, 'nor farther') from job;
select public.reschedule_job(tests.id('acme'), id, now() + interval '1 day') as r into temp table answer from job;
select results_eq($$ select r ->> 'status', r #>> '{recall,reason}' from answer $$, $$ values ('at_carrier', 'rescheduled') $$, 'it is asked back');
select is((select count(*)::integer from tests.claim()), 0, 'and goes nowhere before it is back');
select public.reschedule_job(tests.id('acme'), id, now() + interval '2 days') as r into temp table second_answer from job;
select is((select move_to from public.carrier_recalls join job on job_id = job.id), now() + interval '2 days', 'a second thought takes the place of the first');
select is(tests.resolve_recall('{"kind": "cancelled", "provider_status": "canceled"}'), 'recalled', 'the carrier gives it back');
create temp table again as select c from tests.claim() c;
select results_eq($$ select c ->> 'job_id', (c ->> 'schedule_at')::timestamptz, (c ->> 'message_id')::uuid from again $$,
  $$ select job.id::text, now() + interval '2 days', message.id from job, message $$, 'the same message goes to the carrier again');
select tests.accept((c ->> 'attempt_id')::uuid, 'SM2', 'scheduled') as done into temp table done from again;
select results_eq($$ select tests.whereabouts(id), (select provider_message_id from public.messages join message using (id)) from job $$,
  $$ values ('at_carrier, scheduled at the carrier', 'SM2') $$, 'under its new name');
select is((select array_agg(state order by started_at) from public.send_attempts where job_id = (select id from job)), array['recalled', 'accepted'], 'by another attempt');
create temp table old as select id from public.send_attempts where job_id = (select id from job) and state = 'recalled';
select is((select r ->> 'outcome' from old, tests.report(jsonb_build_object('attempt_id', id, 'provider_message_id', 'SM1', 'status', 'cancelled')) r), 'processed', 'the carrier''s report on the first');
select is((select tests.whereabouts(id) from job), 'at_carrier, scheduled at the carrier', 'does not touch the second');
select tests.report(jsonb_build_object('attempt_id', id, 'provider_message_id', 'SM1', 'status', 'sent')) as r into temp table sent_anyway from old;
select is((select severity from public.alerts where kind = 'sent_after_recall'), 'critical', 'and if it went out all the same somebody is told');
select is((select count(*)::integer from public.alerts where kind = 'sent_twice'), 0, 'for what it is');

select * from finish();
rollback;
