begin;
select plan(9);
select tests.build_world();

select is(
  tests.try_as(who, format('update public.phone_numbers set label = ''New'' where id = %L', tests.id('acme number'))),
  case when who = any (tests.admins()) then '1 rows' else '0 rows' end, format('by: %s', who)
)
from unnest(tests.outsiders() || tests.members()) who;
select is(
  tests.try_as('owner', format('update public.phone_numbers set %I = %I where id = %L', c, c, tests.id('acme number'))), '42501',
  format('%s is not theirs to change', c)
)
from unnest(array['phone_number', 'status']) c;

select * from finish();
rollback;
