begin;
select plan(2);
select tests.build_world();

select is(
  tests.try_as('owner', format('select public.update_member(%L, %L, p_role => %L, p_status => %L)', tests.id('acme'), tests.id('agent'), c.role, c.status)),
  'TL002', c.what
)
from (values ('boss', null, 'an invented role'), (null, 'gone', 'an invented status')) as c (role, status, what);

select * from finish();
rollback;
