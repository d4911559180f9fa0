begin;
select plan(6);
select tests.build_world();

select is(
  tests.try_as(who, format('select public.invite_member(%L, ''dora@example.com'', ''agent'')', tests.id('acme'))), 'TL001',
  'refused: ' || who
)
from unnest(tests.outsiders() || array['agent']) who;
select is(
  tests.try_as('owner', format('select public.invite_member(%L, ''dora@example.com'', ''agent'')', tests.id('nowhere'))), 'TL001',
  'an organization that does not exist is refused alike'
);

select * from finish();
rollback;
