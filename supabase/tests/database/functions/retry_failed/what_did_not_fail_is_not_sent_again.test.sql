begin;
select plan(2);
select tests.build_world();

create temp table job as select tests.enqueued_id() as id;
select results_eq(
  $$ select r ->> 'code' from job, jsonb_array_elements(public.retry_failed(tests.id('acme'), array[id, tests.id('acme job'), tests.id('rival job')])) r $$,
  array['TL115', 'TL115', 'TL115'], 'waiting, sent, or another organization''s'
);
select is((select count(*)::integer from public.message_jobs where metadata ? 'retry_of'), 0, 'nothing is written');

select * from finish();
rollback;
