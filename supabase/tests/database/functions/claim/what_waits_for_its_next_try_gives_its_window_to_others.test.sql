begin;
select plan(2);
select tests.build_world();

select tests.limit_acme(1);
create temp table jobs as select n, tests.enqueued_id(jsonb_build_object('to', '+141555501' || n)) as id from generate_series(10, 19) n;
select is((select count(*)::integer from jobs where tests.job_place(id) = 'queued on its queue'), 4, 'the window is full');
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.complete(id, '{"outcome": "not_sent", "error_class": "retryable", "retry_after_seconds": 600}') as done into temp table done from claimed;
select private.admit_everywhere() as admitted into temp table admitted;
select is((select count(*)::integer from jobs where tests.job_place(id) = 'queued on its queue'), 4 + (select count(*)::integer from claimed), 'the next come in');

select * from finish();
rollback;
