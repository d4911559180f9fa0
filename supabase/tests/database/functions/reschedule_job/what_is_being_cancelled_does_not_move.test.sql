begin;
select plan(3);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled from job;
select throws_ok(format('select public.reschedule_job(%L, %L, %L)', tests.id('acme'), id, now() + interval '1 day'), 'TL114', null, 'it is too late for that') from job;
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table again from job;
select is((select reason from public.carrier_recalls join job on job_id = job.id), 'cancelled', 'the wish stays');
create temp table other as select tests.at_carrier('{"to": "+14155550124"}', 'SM2') as id;
select public.reschedule_job(tests.id('acme'), id, now() + interval '1 day') as r into temp table moved from other;
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled_too from other;
select results_eq($$ select reason, move_to from public.carrier_recalls join other on job_id = other.id $$, $$ values ('cancelled', null::timestamptz) $$, 'but a move gives way to a cancel');

select * from finish();
rollback;
