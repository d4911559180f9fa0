begin;
select plan(4);
select tests.build_world();

create temp table first as select tests.enqueued_id('{"idempotency_key": "k"}') as id;
select results_eq(
  $$ select r ->> 'outcome', (r ->> 'job_id')::uuid from tests.enqueue('{"idempotency_key": "k"}') r $$,
  $$ select 'duplicate', id from first $$, 'asked again'
);
select results_eq(
  $$ select r ->> 'outcome', (r ->> 'job_id')::uuid = first_value((r ->> 'job_id')::uuid) over (order by (r ->> 'index')::integer)
    from tests.enqueue('{"idempotency_key": "m"}', '{"idempotency_key": "m"}', '{"idempotency_key": "m"}') r $$,
  $$ values ('accepted', true), ('duplicate', true), ('duplicate', true) $$, 'and within one call'
);
select is((select r ->> 'code' from tests.enqueue('{"idempotency_key": "k", "body": "Other words"}') r), 'TL105', 'with other words it is a mistake');
select is((select count(*)::integer from public.message_jobs where idempotency_key in ('k', 'm')), 2, 'one job each');

select * from finish();
rollback;
