begin;
select plan(9);
select tests.build_world();

select is(
  tests.try_as(who, format('update public.organizations set name = ''New'', time_zone = ''UTC'' where id = %L', tests.id('acme'))),
  case when who = any (tests.admins()) then '1 rows' else '0 rows' end, format('by: %s', who)
)
from unnest(tests.outsiders() || tests.members()) who;
select is(
  tests.try_as('owner', format('update public.organizations set slug = ''new'' where id = %L', tests.id('acme'))), '42501',
  'the slug is not theirs to change'
);
select is(
  tests.try_as('owner', format('update public.organizations set time_zone = ''Mars/Base'' where id = %L', tests.id('acme'))),
  'TL002', 'a time zone has to exist'
);

select * from finish();
rollback;
