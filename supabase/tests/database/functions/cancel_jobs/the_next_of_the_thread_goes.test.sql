begin;
select plan(1);
select tests.build_world();

create temp table jobs as select tests.enqueued_id('{"body": "First"}') as first, tests.enqueued_id('{"body": "Second"}') as second;
select public.cancel_jobs(tests.id('acme'), array[first]) as r into temp table cancelled from jobs;
select results_eq($$ select c ->> 'body' from tests.claim() c $$, array['Second'], 'without waiting for anybody');

select * from finish();
rollback;
