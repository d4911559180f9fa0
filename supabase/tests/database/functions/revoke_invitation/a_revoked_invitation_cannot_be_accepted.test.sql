begin;
select plan(2);
select tests.build_world();

select tests.become('admin');
create temp table offer as select * from public.invite_member(tests.id('acme'), 'stranger@example.com', 'agent');
select public.revoke_invitation((select invitation_id from offer)) is null as revoked into temp table revoked;
select tests.become('database owner');

select is(tests.try_as('stranger', format('select public.accept_invitation(%L)', (select token from offer))), 'TL200', 'it is not valid any more');
select is_empty($$ select from public.members m where m.organization_id = tests.id('acme') and m.user_id = tests.id('stranger') $$, 'and nobody joined');

select * from finish();
rollback;
