begin;
select plan(5);
select tests.build_world();

select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'worker'::regnamespace and not has_function_privilege('threadline_worker', p.oid, 'execute') $$,
  'all of schema worker'
);
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('public', 'private', 'pgmq', 'auth', 'storage')
      and has_schema_privilege('threadline_worker', n.oid, 'usage') and has_function_privilege('threadline_worker', p.oid, 'execute') $$,
  'no function anywhere else'
);
select is_empty(
  $$ select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private', 'worker', 'pgmq', 'auth', 'storage', 'realtime') and c.relkind in ('r', 'p', 'v', 'S')
      and has_schema_privilege('threadline_worker', n.oid, 'usage')
      and (has_table_privilege('threadline_worker', c.oid, 'select, insert, update, delete')) $$,
  'no table anywhere'
);
select is(tests.try_as('worker', call), '42501', 'tried: ' || call)
from unnest(array[
  format('select public.send_message(%L, ''Hi'', gen_random_uuid())', tests.id('acme thread')),
  'select private.settle_jobs(array[]::private.settlement[])'
]) call;

select * from finish();
rollback;
