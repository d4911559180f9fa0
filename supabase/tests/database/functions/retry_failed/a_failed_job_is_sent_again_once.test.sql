begin;
select plan(4);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"max_retries": 0}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;

select tests.complete(id, '{"outcome": "not_sent", "error_class": "permanent", "error_code": "21614"}') as done into temp table done from claimed;
create temp table again as select r from job, jsonb_array_elements(public.retry_failed(tests.id('acme'), array[id])) r;
select is((select r ->> 'outcome' from again), 'accepted', 'as a new job');
select is((select j.metadata ->> 'retry_of' from public.message_jobs j join again on j.id = (r ->> 'job_id')::uuid), (select id::text from job), 'that names the old one');
select is((select tests.job_place(id) from job), 'failed', 'which stays as it was');
select results_eq(
  $$ select r ->> 'outcome', r ->> 'job_id' from job, jsonb_array_elements(public.retry_failed(tests.id('acme'), array[id])) r $$,
  $$ select 'duplicate', r ->> 'job_id' from again $$, 'asked again it is the same job'
);

select * from finish();
rollback;
