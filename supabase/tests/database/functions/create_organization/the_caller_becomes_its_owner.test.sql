begin;
select plan(3);
select tests.build_world();

create temp table made as select tests.value_as('stranger', 'select public.create_organization('' Blue Barn '')')::uuid as id;

select is((select o.name || '|' || o.time_zone from public.organizations o join made using (id)), 'Blue Barn|America/New_York', 'the name is trimmed');
select results_eq(
  $$ select m.user_id, m.role, m.status from public.members m join made on made.id = m.organization_id $$,
  $$ values (tests.id('stranger'), 'owner', 'active') $$,
  'the caller is the only member, and owner'
);
select is(
  (select a.action || '|' || a.actor_id from public.audit_logs a join made on made.id = a.organization_id),
  'organization_created|' || tests.id('stranger'), 'and the audit log says so'
);

select * from finish();
rollback;
