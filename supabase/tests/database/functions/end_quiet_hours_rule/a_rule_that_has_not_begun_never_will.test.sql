begin;
select plan(2);
select tests.build_world();

insert into public.quiet_hours_rules (id, organization_id, region, weekdays, effective_from, source, confidence, version)
values (tests.id('pause'), tests.id('acme'), '*', '{1,2,3,4,5,6,7}', '2020-01-01', 'a pause', 'own', 'own/1');
update public.quiet_hours_rules set effective_from = current_date + 30 where id = tests.id('pause');

select is(tests.try_as('admin', format('select public.end_quiet_hours_rule(%L)', tests.id('pause'))), '1 rows', 'it is withdrawn');
select ok((select r.effective_to = r.effective_from from public.quiet_hours_rules r where r.id = tests.id('pause')), 'and holds on no day');

select * from finish();
rollback;
