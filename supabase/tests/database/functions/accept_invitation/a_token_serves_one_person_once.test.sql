begin;
select plan(4);
select tests.build_world();

select tests.become('owner');
create temp table offer as select * from public.invite_member(tests.id('acme'), 'stranger@example.com', 'admin');
select tests.become('database owner');

select is(
  tests.value_as('stranger', format('select public.accept_invitation(%L)', (select token from offer))), tests.id('acme')::text, 'the first time'
);
select is(
  tests.value_as('stranger', format('select public.accept_invitation(%L)', (select token from offer))), tests.id('acme')::text,
  'again by the same person, whose first answer may have been lost'
);
select is(tests.try_as('rival agent', format('select public.accept_invitation(%L)', (select token from offer))), 'TL200', 'not by anybody else');
select is(
  (select count(*) from public.members m where m.organization_id = tests.id('acme') and m.user_id = tests.id('stranger')), 1::bigint, 'one membership'
);

select * from finish();
rollback;
