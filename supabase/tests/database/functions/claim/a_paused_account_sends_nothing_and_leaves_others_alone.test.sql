begin;
select plan(4);
select tests.build_world();

create temp table job as select tests.enqueued_id() as id;
select public.enqueue_message(tests.id('rival'), '{"to": "+14155550123", "body": "Mine", "class": "urgent"}') as r into temp table mine;
select worker.report_account(tests.id('acme account'), '{"kind": "paused", "reason": "sign-in failed", "seconds": 3600}')::text as paused into temp table paused;
select results_eq($$ select c ->> 'body' from tests.claim() c $$, array['Mine'], 'the other goes');
select is((select tests.job_place(id) from job), 'queued on its queue', 'this one keeps its place');
select worker.report_account(tests.id('acme account'), '{"kind": "resumed"}')::text as resumed into temp table resumed;
create temp table claimed as select c from tests.claim() c;
select is((select count(*)::integer from claimed), 1, 'and goes at once when the account works again');
select is((select (c ->> 'retry_count')::integer from claimed), 0, 'without having used up a retry');

select * from finish();
rollback;
