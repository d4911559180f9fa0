begin;
select plan(6);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
create temp table other as select tests.at_carrier('{"to": "+14155550124"}', 'SM2') as id;
select public.reschedule_job(tests.id('acme'), id, now() + interval '1 day') as r into temp table moved from job;
select tests.inbound('{"from": "+14155550123", "body": "STOP", "intent": "stop"}') as r into temp table stopped;
select results_eq($$ select reason, move_to, state from public.carrier_recalls join job on job_id = job.id $$,
  $$ values ('opted_out', null::timestamptz, 'wanted') $$, 'in the same breath, and whatever else was asked for gives way');
select is((select count(*)::integer from public.carrier_recalls join other on job_id = other.id), 0, 'nobody else''s');
select is(tests.resolve_recall('{"kind": "cancelled"}'), 'recalled', 'the carrier gives it back');
select is((select tests.whereabouts(id) from job), 'cancelled, cancelled', 'and it never goes');
select is((select error_code from public.messages where id = (select message_id from public.message_jobs join job using (id))), 'TL103', 'the thread says why');
select is((select count(*)::integer from tests.claim()), 0, 'nor does anything else');

select * from finish();
rollback;
