begin;
select plan(8);
select tests.build_world();

select is(
  tests.try_as('owner', format('select public.invite_member(%L, %L, ''agent'')', tests.id('acme'), email)), 'TL002',
  'not an address: ' || quote_nullable(email)
)
from unnest(array[null, '', 'dora', 'dora@', '@example.com', 'do ra@example.com']) email;
select is(
  tests.try_as('owner', format('select public.invite_member(%L, ''dora@example.com'', %L)', tests.id('acme'), role)), 'TL002',
  'not a role: ' || quote_nullable(role)
)
from unnest(array[null, 'boss']) role;

select * from finish();
rollback;
