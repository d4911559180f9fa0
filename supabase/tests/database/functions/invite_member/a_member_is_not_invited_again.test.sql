begin;
select plan(2);
select tests.build_world();

select is(
  tests.try_as('owner', format('select public.invite_member(%L, %L, ''agent'')', tests.id('acme'), email)), 'TL203', email
)
from unnest(array['Agent@example.com', 'suspended.member@example.com']) email;

select * from finish();
rollback;
