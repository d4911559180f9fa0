begin;
select plan(2);

select is_empty(
  $$ select k.conrelid::regclass, k.conname from pg_constraint k
    where k.contype = 'f' and k.connamespace in ('public'::regnamespace, 'private'::regnamespace)
      and not exists (
        -- The row's own id in front is enough: each id belongs to one organization.
        select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indrelid = k.conrelid and a.attnum = any (k.conkey)
          and (cardinality(k.conkey) = 1 or a.attname <> 'organization_id'
            or (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey)
          and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname))
      )
      -- Every step of every send would pay for it, and what ever sent is released or disabled, not deleted.
      and k.confrelid not in ('public.phone_numbers'::regclass, 'public.provider_accounts'::regclass) $$,
  'deleting a parent never reads a whole table'
);
select is_empty(
  $$ select k.conrelid::regclass, k.conname from pg_constraint k
    join pg_attribute a on a.attrelid = k.conrelid and a.attname = 'organization_id'
    join pg_attribute b on b.attrelid = k.confrelid and b.attname = 'organization_id'
    where k.contype = 'f' and k.connamespace = 'public'::regnamespace and not (k.conkey @> array[a.attnum])
      -- Written by one function each, from the job's own row.
      and k.conrelid not in ('public.send_attempts'::regclass, 'public.carrier_recalls'::regclass) $$,
  'between rows of a tenant every key carries the tenant, so no row can point into another'
);

select * from finish();
rollback;
