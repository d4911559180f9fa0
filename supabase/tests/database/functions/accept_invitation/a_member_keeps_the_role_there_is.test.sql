begin;
select plan(2);
select tests.build_world();

select tests.become('owner');
create temp table offer as select * from public.invite_member(tests.id('acme'), 'stranger@example.com', 'admin');
select tests.become('database owner');

update auth.users set email = 'old@example.com' where id = tests.id('stranger');
update auth.users set email = 'stranger@example.com' where id = tests.id('agent');
select is(
  tests.value_as('agent', format('select public.accept_invitation(%L)', (select token from offer))), tests.id('acme')::text, 'no error for a member'
);
select is(
  (select m.role from public.members m where m.organization_id = tests.id('acme') and m.user_id = tests.id('agent')), 'agent',
  'but an invitation raises nobody'
);

select * from finish();
rollback;
