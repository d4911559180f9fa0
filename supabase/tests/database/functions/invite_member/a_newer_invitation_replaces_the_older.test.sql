begin;
select plan(2);
select tests.build_world();

select tests.become('admin');
create temp table offers as
  select 1 as n, o.* from public.invite_member(tests.id('acme'), 'stranger@example.com', 'agent') o;
insert into offers select 2, o.* from public.invite_member(tests.id('acme'), 'STRANGER@example.com', 'agent') o;
select tests.become('database owner');

select is(
  tests.try_as('stranger', format('select public.accept_invitation(%L)', (select token from offers where n = 1))), 'TL200',
  'the first token is void'
);
select is(
  tests.value_as('stranger', format('select public.accept_invitation(%L)', (select token from offers where n = 2))),
  tests.id('acme')::text, 'the second one counts'
);

select * from finish();
rollback;
