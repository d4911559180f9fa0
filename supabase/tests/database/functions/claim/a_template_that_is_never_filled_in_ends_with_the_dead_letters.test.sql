begin;
select plan(3);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": null, "template": "greeting", "variables": {"name": "Maria"}, "max_retries": 1}') as id;
create temp table first as select c from tests.claim() c;
select results_eq($$ select c #>> '{template,body}', c ->> 'message_id' from first $$, $$ values ('Hi {{ name }}', null) $$, 'the worker gets what to render');
select tests.let_leases_run_out();
select worker.sweep() as swept into temp table swept;
select is((select status || ' ' || retry_count from public.message_jobs join job using (id)), 'queued 1', 'a worker that died over it counts as a try');
update pgmq.q_sms_queue set vt = now();
create temp table second as select c from tests.claim() c;
select tests.let_leases_run_out();
select worker.sweep() as swept_again into temp table swept_again;
select is((select tests.job_place(id) from job), 'dead', 'and the last one is the last');

select * from finish();
rollback;
