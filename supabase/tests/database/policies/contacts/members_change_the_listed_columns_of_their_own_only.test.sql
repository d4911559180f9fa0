begin;
select plan(9);
select tests.build_world();

select is(
  tests.try_as(who, format(
    'update public.contacts set name = ''New'', time_zone = ''UTC'', tags = ''{vip}'', attributes = ''{"a": 1}'' where id = %L',
    tests.id('acme contact')
  )),
  case when who = any (tests.members()) then '1 rows' else '0 rows' end, format('by: %s', who)
)
from unnest(tests.outsiders() || tests.members()) who;
select is(
  tests.try_as('owner', format('update public.contacts set %I = %I where id = %L', c, c, tests.id('acme contact'))), '42501',
  format('%s is not theirs to change', c)
)
from unnest(array['phone_number', 'organization_id']) c;

select * from finish();
rollback;
