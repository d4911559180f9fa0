begin;
select plan(4);
select tests.build_world();

create temp table jobs as select tests.enqueued_id(jsonb_build_object('to', '+1415555010' || n)) as id from generate_series(0, 2) n;
update public.message_jobs set due_at = now() - interval '10 minutes' where id in (select id from jobs);
select worker.sweep() as s into temp table first;
select worker.sweep() as s into temp table second;
select results_eq($$ select severity, (details ->> 'oldest_seconds')::integer between 600 and 610 from public.alerts where kind = 'jobs_late' $$, $$ values ('warning', true) $$, 'one, however often it is seen');
update public.message_jobs set due_at = now() - interval '40 minutes' where id in (select id from jobs);
select worker.sweep() as s into temp table third;
select results_eq($$ select severity from public.alerts where kind = 'jobs_late' $$, array['critical'], 'worse is said');
select public.cancel_jobs(tests.id('acme'), array(select id from jobs)) as c into temp table cancelled;
select worker.sweep() as s into temp table fourth;
select is((select count(*)::integer from public.alerts where kind = 'jobs_late' and closed_at is null), 0, 'over is over');
select is((select count(*)::integer from public.alerts where organization_id = tests.id('rival')), 0, 'and nobody else''s');

select * from finish();
rollback;
