begin;
select plan(3);
select tests.build_world();

select tests.give_service();
create temp table job as select tests.enqueued_id(jsonb_build_object('carrier_scheduling', true, 'scheduled_for', now() + interval '1 hour')) as id;
select throws_ok(format('select public.reschedule_job(%L, %L, %L)', tests.id('acme'), id, now()), 'TL118', null, 'not nearer than the carrier takes') from job;
select public.reschedule_job(tests.id('acme'), id, now() + interval '1 day') as r into temp table answer from job;
select results_eq($$ select r ->> 'status', (r ->> 'due_at')::timestamptz from answer $$, $$ values ('scheduled', now() + interval '1 day') $$, 'before it is handed over it simply moves');
select is((select (c ->> 'schedule_at')::timestamptz from tests.claim() c), now() + interval '1 day', 'and is handed over for then');

select * from finish();
rollback;
