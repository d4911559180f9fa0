begin;
select plan(5);
select tests.build_world();

-- Those of the world itself are no part of this.
delete from public.message_jobs;
create temp table job as select tests.at_carrier() as id;
select is((select look_up_after from private.missing_reports), now() + interval '2 hours 20 minutes', 'in its turn');
update public.send_attempts set started_at = now() - interval '30 days', send_at = now() - interval '1 hour';
select tests.let_look_ups_come_due();
select is_empty($$ select tests.missing_reports() $$, 'not while it waits there');
update public.message_jobs set due_at = now() where status = 'at_carrier';
select worker.sweep() as r into temp table swept;
select tests.let_look_ups_come_due();
select results_eq($$ select tests.missing_reports() $$, array['SM1'], 'but when its time has passed in silence, however old the submission');
select is((select worker.resolve_missing_report(attempt_id, '{"kind": "known", "status": "delivered", "provider_status": "delivered"}') from private.missing_reports), 'reported', 'and the carrier knows');
select is((select tests.whereabouts(id) from job), 'delivered, delivered', 'what became of it');

select * from finish();
rollback;
