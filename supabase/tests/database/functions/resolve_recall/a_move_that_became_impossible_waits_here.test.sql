begin;
select plan(3);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
select public.reschedule_job(tests.id('acme'), id, now() + interval '1 day') as r into temp table moved from job;
update public.phone_numbers set messaging_service_ref = null where id = tests.id('acme number');
select is(tests.resolve_recall('{"kind": "cancelled"}'), 'recalled', 'the number has lost its service meanwhile');
select results_eq($$ select tests.whereabouts(id), due_at from public.message_jobs join job using (id) $$,
  $$ values ('scheduled, scheduled', now() + interval '1 day') $$, 'so the database waits');
select is((select decision #>> '{carrier,waits_here}' is not null from public.message_jobs join job using (id)), true, 'and says why');

select * from finish();
rollback;
