begin;
select plan(3);
select tests.build_world();

select tests.become('owner');
create temp table offer as select * from public.invite_member(tests.id('acme'), 'stranger@example.com', 'admin');
select tests.become('database owner');

select is(tests.try_as('rival agent', format('select public.accept_invitation(%L)', (select token from offer))), 'TL202', 'to find a token is not enough');
update auth.users set email_confirmed_at = null where id = tests.id('stranger');
select is(tests.try_as('stranger', format('select public.accept_invitation(%L)', (select token from offer))), 'TL202', 'nor to claim the address without proof');
select is((select i.accepted_at from public.invitations i join offer o on o.invitation_id = i.id), null, 'the invitation stays open');

select * from finish();
rollback;
