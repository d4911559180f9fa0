begin;
select plan(2);
select tests.build_world();

select is(
  tests.try_as(who, format('select public.invite_member(%L, ''dora@example.com'', ''owner'')', tests.id('acme'))),
  case who when 'owner' then '1 rows' else 'TL001' end, who
)
from unnest(tests.admins()) who;

select * from finish();
rollback;
