begin;
select plan(3);
select tests.build_world();

select is(
  tests.try_as('admin', format('select public.update_member(%L, %L, p_role => ''admin'', p_display_name => ''Anna'')', tests.id('acme'), tests.id('agent'))),
  '1 rows', 'an admin makes an agent an admin'
);
select is(
  (select m.role || '|' || m.display_name || '|' || m.status from public.members m
    where m.organization_id = tests.id('acme') and m.user_id = tests.id('agent')),
  'admin|Anna|active', 'what is not named stays'
);
select is(
  (select a.details from public.audit_logs a where a.action = 'member_updated' and a.actor_id = tests.id('admin')), '{"role": "admin"}',
  'the audit log says who did it'
);

select * from finish();
rollback;
