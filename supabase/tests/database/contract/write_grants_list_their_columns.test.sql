begin;
select plan(2);

select is_empty(
  $$ select c.relname, a.grantee::regrole, a.privilege_type from pg_class c
    cross join lateral aclexplode(c.relacl) a
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'S')
      and a.grantee <> c.relowner and a.privilege_type <> 'SELECT' $$,
  'no table may be written to as a whole'
);
select set_eq(
  $$ select c.relname || '.' || t.attname || ' ' || lower(a.privilege_type) || ' ' || a.grantee::regrole from pg_attribute t
    join pg_class c on c.oid = t.attrelid
    cross join lateral aclexplode(t.attacl) a
    where c.relnamespace = 'public'::regnamespace and a.grantee <> c.relowner and a.privilege_type <> 'SELECT'
    $$,
  array[
    'contacts.attributes update authenticated', 'contacts.name update authenticated', 'contacts.tags update authenticated',
    'contacts.time_zone update authenticated', 'organizations.name update authenticated',
    'organizations.time_zone update authenticated', 'phone_numbers.label update authenticated'
  ],
  'these columns and no others'
);

select * from finish();
rollback;
