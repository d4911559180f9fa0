begin;
select plan(4);
select tests.build_world();

select is(
  tests.try_as('owner', format('select public.update_member(%L, %L, p_role => %L, p_status => %L)', tests.id('acme'), tests.id('owner'), c.role, c.status)),
  'TL204', c.what
)
from (values ('admin', null, 'not demoted'), (null, 'suspended', 'not suspended')) as c (role, status, what);
update public.members set role = 'owner', status = 'suspended' where user_id = tests.id('second agent');
select is(
  tests.try_as('owner', format('select public.update_member(%L, %L, p_role => ''admin'')', tests.id('acme'), tests.id('owner'))), 'TL204',
  'a suspended owner does not count'
);
update public.members set status = 'active' where user_id = tests.id('second agent');
select is(
  tests.try_as('owner', format('select public.update_member(%L, %L, p_role => ''admin'')', tests.id('acme'), tests.id('owner'))), '1 rows',
  'with another owner the first may step down'
);

select * from finish();
rollback;
