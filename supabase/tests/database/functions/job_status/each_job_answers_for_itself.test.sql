begin;
select plan(1);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"metadata": {"order": 7}}') as id;
select results_eq(
  $$ select r ->> 'status', r #>> '{metadata,order}', r ->> 'code' from job, jsonb_array_elements(public.job_status(tests.id('acme'), array[id, tests.id('rival job')])) r $$,
  $$ values ('queued', '7', null), (null, null, 'TL001') $$, 'and another organization''s is not there'
);

select * from finish();
rollback;
