begin;
select plan(3);

select is_empty(
  $$ select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    and not exists (select from pg_policy p where p.polrelid = c.oid) $$,
  'no table is closed by accident'
);
select is_empty(
  $$ select p.tablename, p.policyname from pg_policies p
    where p.schemaname in ('public', 'realtime', 'storage') and p.policyname not like 'supabase%' and p.roles <> '{authenticated}' $$,
  'policies are for people who signed in'
);
select is_empty(
  $$ select p.tablename, p.cmd from pg_policies p where p.schemaname = 'public' group by 1, 2 having count(*) > 1 $$,
  'one policy for each table and verb'
);

select * from finish();
rollback;
