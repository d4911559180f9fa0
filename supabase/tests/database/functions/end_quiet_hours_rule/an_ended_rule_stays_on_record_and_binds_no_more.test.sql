begin;
select plan(4);
select tests.build_world();

insert into public.quiet_hours_rules (id, organization_id, region, weekdays, effective_from, source, confidence, version)
values (tests.id('pause'), tests.id('acme'), '*', '{1,2,3,4,5,6,7}', '2020-01-01', 'a pause', 'own', 'own/1');

select is(tests.try_as('admin', format('select public.end_quiet_hours_rule(%L)', tests.id('pause'))), '1 rows', 'an admin ends it');
select is(
  (select r.effective_to from public.quiet_hours_rules r where r.id = tests.id('pause')),
  (now() at time zone 'America/New_York')::date, 'today is the first day without it'
);
select isnt(
  (select w.allowed_from from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'marketing', now()) w),
  null, 'texts go again'
);
select is(
  (select a.details ->> 'version' from public.audit_logs a where a.action = 'quiet_hours_rule_ended' and a.actor_id = tests.id('admin')),
  'own/1', 'the audit log says who ended it'
);

select * from finish();
rollback;
