begin;
select plan(1);
select tests.build_world();

select tests.become('owner');
create temp table offer as select * from public.invite_member(tests.id('acme'), 'stranger@example.com', 'admin');
select tests.become('database owner');

update public.invitations set expires_at = now() where id = (select invitation_id from offer);
select is(tests.try_as('stranger', format('select public.accept_invitation(%L)', (select token from offer))), 'TL201', 'it has run out');

select * from finish();
rollback;
