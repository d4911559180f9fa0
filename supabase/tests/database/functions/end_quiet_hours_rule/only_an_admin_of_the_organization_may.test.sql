begin;
select plan(8);
select tests.build_world();

insert into public.quiet_hours_rules (id, organization_id, region, weekdays, effective_from, source, confidence, version)
values (tests.id('pause'), tests.id('acme'), '*', '{1,2,3,4,5,6,7}', '2020-01-01', 'a pause', 'own', 'own/1');

select is(
  tests.try_as(who, format('select public.end_quiet_hours_rule(%L)', tests.id('pause'))), 'TL001', 'refused: ' || who
)
from unnest(tests.outsiders() || array['agent']) who;
select is(
  tests.try_as('owner', format('select public.end_quiet_hours_rule(%L)', (select min(r.id::text) from public.quiet_hours_rules r where r.preset = 'federal'))),
  'TL001', 'nobody ends a shipped rule'
);
select is(tests.try_as('owner', format('select public.end_quiet_hours_rule(%L)', tests.id('nothing'))), 'TL001', 'nor one that is not there');
select is(
  tests.try_as('anonymous visitor', format('select public.end_quiet_hours_rule(%L)', tests.id('pause'))), '42501',
  'out of reach without a session'
);

select * from finish();
rollback;
