begin;
select plan(8);
select tests.build_world();

create function pg_temp.set(p_who text, p_classes text[]) returns text language sql as $$
  select tests.try_as(p_who, format('select public.set_resend_policy(%L, %L)', tests.id('acme'), p_classes));
$$;
select is(pg_temp.set(who, '{urgent}'), 'TL001', who || ' may not') from unnest(array['agent', 'rival owner', 'suspended member']) who;
select is(pg_temp.set('admin', '{urgent,poetry}'), 'TL002', 'a class nobody knows');
select is(pg_temp.set('admin', null), 'TL002', 'nothing is not none');
select is(pg_temp.set('admin', '{urgent,transactional,urgent}'), '1 rows', 'an admin may');
select is((select resend_unconfirmed from public.organizations where id = tests.id('acme')), '{transactional,urgent}'::text[], 'each class once');
select is((select details from public.audit_logs where action = 'resend_policy_changed'), '{"classes": ["transactional", "urgent"]}'::jsonb, 'and it is on record');

select * from finish();
rollback;
