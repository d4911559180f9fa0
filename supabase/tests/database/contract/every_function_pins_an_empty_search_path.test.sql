begin;
select plan(1);

select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'worker'::regnamespace)
      -- A body that was parsed when it was created has no names left to look up.
      and p.prosqlbody is null and not coalesce(p.proconfig @> array['search_path=""'], false) $$,
  'nobody can slip a table or an operator in front of ours'
);

select * from finish();
rollback;
