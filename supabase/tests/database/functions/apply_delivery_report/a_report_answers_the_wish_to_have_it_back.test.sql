begin;
select plan(7);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled from job;
create temp table attempt as select a.id from public.send_attempts a where a.job_id = (select id from job);
select tests.report(jsonb_build_object('attempt_id', id, 'provider_message_id', 'SM1', 'status', 'cancelled', 'provider_status', 'canceled')) as r into temp table told from attempt;
select is((select tests.whereabouts(id) from job), 'cancelled, cancelled', 'it is certain before the worker knows');
select is((select state from public.carrier_recalls join job on job_id = job.id), 'recalled', 'the wish is done');
select is((select r ->> 'outcome' from attempt, tests.report(jsonb_build_object('attempt_id', id, 'provider_message_id', 'SM1', 'status', 'cancelled', 'provider_status', 'canceled')) r), 'duplicate', 'once');
create temp table late as select tests.at_carrier('{"to": "+14155550124"}', 'SM2') as id;
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled_too from late;
select tests.report('{"provider_message_id": "SM2", "status": "sent"}') as r into temp table told_too;
select is((select tests.whereabouts(id) from late), 'sent, sent', 'or it was too late');
select is((select state from public.carrier_recalls join late on job_id = late.id), 'too_late', 'which the report says first');
select is((select error_code from public.messages where id = (select message_id from public.message_jobs join late using (id))), 'too_late_to_cancel', 'and the thread shows');
create temp table theirs as select tests.at_carrier('{"to": "+14155550125"}', 'SM3') as id;
select tests.report('{"provider_message_id": "SM3", "status": "cancelled"}') as r into temp table told_three;
select is((select tests.whereabouts(id) from theirs), 'cancelled, cancelled', 'somebody may cancel it at the carrier by hand');

select * from finish();
rollback;
