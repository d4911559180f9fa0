begin;
select plan(3);

select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
    cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'worker'::regnamespace)
      and a.grantee = 0 and a.privilege_type = 'EXECUTE' $$,
  'none is granted to public'
);
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'worker'::regnamespace)
      and has_function_privilege('anon', p.oid, 'execute') $$,
  'none is for visitors without a session'
);
select is_empty(
  $$ select n.nspname from pg_namespace n
    where n.nspname in ('private', 'worker', 'pgmq') and has_schema_privilege('anon', n.oid, 'usage') $$,
  'nor may they look into our schemas'
);

select * from finish();
rollback;
