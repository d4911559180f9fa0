begin;
select plan(1);

select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'worker'::regnamespace)
      and regexp_count(p.prosrc, '\n') > 100 $$,
  'a hundred lines at most'
);

select * from finish();
rollback;
