begin;
select plan(2);

-- Until a table is analyzed, the planner takes any index that begins with organization_id for as good as one that names the
-- row, and a plan that is kept reads all rows of the organization for each one it looks for. These are the tables that grow.
create temp view growing as select unnest('{contacts,threads,messages,message_jobs}'::regclass[]) as id;

select set_eq(
  $$ select i.indexrelid::regclass::text from pg_index i join growing g on g.id = i.indrelid
    join pg_attribute a on a.attrelid = i.indrelid and a.attname = 'organization_id' and a.attnum = i.indkey[0]
    where i.indpred is null $$,
  array['contacts_organization_id_phone_number_key', 'threads_inbox_idx', 'threads_changes_idx'],
  'only what is read in order, or by a number, begins with the organization'
);
select is_empty(
  $$ select k.conrelid::regclass, k.conname from pg_constraint k join growing g on g.id = k.confrelid
    join pg_attribute a on a.attrelid = k.confrelid and a.attname = 'organization_id'
    join pg_index i on i.indexrelid = k.conindid and i.indkey[0] = a.attnum
    where k.contype = 'f' $$,
  'and a key that another table names begins with the row'
);

select * from finish();
rollback;
