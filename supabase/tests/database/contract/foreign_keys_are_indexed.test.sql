begin;
select plan(2);

select is_empty(
  $$ select k.conrelid::regclass, k.conname from pg_constraint k
    where k.contype = 'f' and k.connamespace in ('public'::regnamespace, 'private'::regnamespace)
      and not exists (
        select from pg_index i
        where i.indrelid = k.conrelid and i.indpred is null
          and (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey
          and k.conkey @> (i.indkey::smallint[])[0:cardinality(k.conkey) - 1]
      ) $$,
  'deleting a parent never reads a whole table'
);
select is_empty(
  $$ select k.conrelid::regclass, k.conname from pg_constraint k
    join pg_attribute a on a.attrelid = k.conrelid and a.attname = 'organization_id'
    join pg_attribute b on b.attrelid = k.confrelid and b.attname = 'organization_id'
    where k.contype = 'f' and k.connamespace = 'public'::regnamespace and not (k.conkey @> array[a.attnum]) $$,
  'between rows of a tenant every key carries the tenant, so no row can point into another'
);

select * from finish();
rollback;
