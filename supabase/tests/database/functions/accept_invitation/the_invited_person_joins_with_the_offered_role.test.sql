begin;
select plan(3);
select tests.build_world();

select tests.become('owner');
create temp table offer as select * from public.invite_member(tests.id('acme'), 'stranger@example.com', 'admin');
select tests.become('database owner');

select is(
  tests.value_as('stranger', format('select public.accept_invitation(%L, %L)', (select token from offer), ' Steve ')),
  tests.id('acme')::text, 'the organization is answered'
);
select is(
  (select m.role || '|' || m.status || '|' || m.display_name || '|' || m.email from public.members m
    where m.organization_id = tests.id('acme') and m.user_id = tests.id('stranger')),
  'admin|active|Steve|stranger@example.com', 'the membership is as offered'
);
select is(
  (select i.accepted_by from public.invitations i join offer o on o.invitation_id = i.id), tests.id('stranger'), 'the invitation is used up'
);

select * from finish();
rollback;
