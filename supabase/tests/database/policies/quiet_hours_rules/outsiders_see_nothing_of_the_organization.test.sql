begin;
select plan(6);
select tests.build_world();

insert into public.quiet_hours_rules (organization_id, region, weekdays, effective_from, source, confidence, version)
select tests.id(name), '*', '{7}', '2020-01-01', 'test', 'own', 'own/1' from unnest(array['acme', 'rival']) name;

select is(tests.try_as(who, tests.rows_of('acme', 'quiet_hours_rules')), '0 rows', 'nothing for a ' || who)
from unnest(tests.outsiders()) who;
select is(tests.try_as(who, 'select from public.quiet_hours_rules'), '42501', 'out of reach: ' || who)
from unnest(array['anonymous visitor', 'worker']) who;

select * from finish();
rollback;
