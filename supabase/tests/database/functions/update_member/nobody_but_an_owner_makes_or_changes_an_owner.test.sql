begin;
select plan(6);
select tests.build_world();

select is(
  tests.try_as('admin', format('select public.update_member(%L, %L, p_role => %L, p_status => %L)', tests.id('acme'), tests.id(c.whom), c.role, c.status)),
  'TL001', c.what
)
from (values
  ('admin', 'owner', null, 'an admin does not become owner'),
  ('agent', 'owner', null, 'nor makes one'),
  ('owner', 'agent', null, 'nor demotes one'),
  ('owner', null, 'suspended', 'nor suspends one')
) as c (whom, role, status, what);
select is(
  tests.try_as('agent', format('select public.update_member(%L, %L, p_role => ''owner'')', tests.id('acme'), tests.id('agent'))), 'TL001',
  'an agent does not promote themself'
);
select is(
  tests.try_as('owner', format('select public.update_member(%L, %L, p_role => ''owner'')', tests.id('acme'), tests.id('admin'))), '1 rows', 'an owner may'
);

select * from finish();
rollback;
