begin;
select plan(3);
select tests.build_world();

-- Suspended under one address, invited under another by an admin who does not know.
select tests.become('owner');
create temp table offer as select * from public.invite_member(tests.id('acme'), 'stranger@example.com', 'admin');
select tests.become('database owner');

update auth.users set email = 'old@example.com' where id = tests.id('stranger');
update auth.users set email = 'stranger@example.com' where id = tests.id('suspended member');
select is(tests.try_as('suspended member', format('select public.accept_invitation(%L)', (select token from offer))), 'TL205', 'the suspension stands');
select is(
  (select m.status from public.members m where m.organization_id = tests.id('acme') and m.user_id = tests.id('suspended member')), 'suspended', 'unchanged'
);
select is((select i.accepted_at from public.invitations i join offer o on o.invitation_id = i.id), null, 'the invitation stays open');

select * from finish();
rollback;
