begin;
select plan(4);
select tests.build_world();

create temp table added as
select tests.value_as('admin', format(
  'select public.add_quiet_hours_rule(%L, ''{1,2,3,4,5,6,7}'', null, null, ''Company pause'', ''US-NY'')', tests.id('acme')
))::uuid as id;

select is(
  (select array[r.region, r.message_class, r.confidence, r.version, r.source, r.preset, r.created_by::text, r.effective_to::text]
    from public.quiet_hours_rules r join added a on a.id = r.id),
  array['US-NY', 'marketing', 'own', 'own/1', 'Company pause', null, tests.id('admin')::text, null], 'kept as it was given'
);
select is(
  (select r.effective_from from public.quiet_hours_rules r join added a on a.id = r.id),
  (now() at time zone 'America/New_York')::date, 'today on the organization''s calendar'
);
select is(
  (select w.allowed_from from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'marketing', now()) w),
  null, 'and no text goes'
);
select is(
  (select a.details ->> 'version' || ' ' || a.subject_id from public.audit_logs a
    where a.action = 'quiet_hours_rule_added' and a.actor_id = tests.id('admin')),
  'own/1 ' || (select a.id from added a), 'the audit log says who added it'
);

select * from finish();
rollback;
