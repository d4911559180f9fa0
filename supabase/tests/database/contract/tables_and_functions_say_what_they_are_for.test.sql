begin;
select plan(3);

select is_empty(
  $$ select c.oid::regclass from pg_class c
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p')
      and obj_description(c.oid, 'pg_class') is null $$,
  'every table has a comment'
);
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'worker'::regnamespace)
      and obj_description(p.oid, 'pg_proc') is null $$,
  'every function has a comment'
);
select is_empty(
  $$ select code from (
      select distinct m.code[1] as code from pg_proc p
      cross join lateral regexp_matches(p.prosrc, '(TL[0-9]{3})', 'g') as m (code)
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'worker'::regnamespace)
    ) c
    where code !~ '^TL(00[12]|10[0-57]|11[0-8]|20[0-5])$' $$,
  'every error code raised is a registered one'
);

select * from finish();
rollback;
