begin;
select plan(2);
select tests.build_world();

insert into public.quiet_hours_rules (id, organization_id, region, weekdays, effective_from, source, confidence, version)
values (tests.id('pause'), tests.id('acme'), '*', '{1,2,3,4,5,6,7}', '2020-01-01', 'a pause', 'own', 'own/1');

select is(
  tests.try_as('admin', format('select public.end_quiet_hours_rule(%L, current_date - 2)', tests.id('pause'))), 'TL002',
  'not before today'
);
update public.quiet_hours_rules set effective_to = current_date - 2 where id = tests.id('pause');
select is(
  tests.try_as('admin', format('select public.end_quiet_hours_rule(%L)', tests.id('pause'))), 'TL002', 'an ended rule stays ended'
);

select * from finish();
rollback;
