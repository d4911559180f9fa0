begin;
select plan(1);

-- Until a table is analyzed, the planner takes any index that begins with organization_id for as good as the key
-- (organization_id, id), and then every check of a foreign key reads all rows of the organization.
select set_eq(
  $$ select i.indexrelid::regclass::text from pg_index i
    where i.indpred is null and i.indkey[0] = (
        select a.attnum from pg_attribute a where a.attrelid = i.indrelid and a.attname = 'organization_id'
      )
      and not exists (
        select from pg_constraint k where k.contype = 'f' and k.confrelid = i.indrelid and k.conindid = i.indexrelid
      )
      and exists (
        select from pg_constraint k where k.contype = 'f' and k.confrelid = i.indrelid and cardinality(k.confkey) = 2
      ) $$,
  array['contacts_organization_id_phone_number_key', 'threads_inbox_idx', 'threads_changes_idx'],
  'but where rows are read in order, or by a number'
);

select * from finish();
rollback;
