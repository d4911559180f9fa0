begin;
select plan(9);
select tests.build_world();

insert into public.quiet_hours_rules (organization_id, region, weekdays, effective_from, source, confidence, version)
select tests.id(name), '*', '{7}', '2020-01-01', 'test', 'own', 'own/1' from unnest(array['acme', 'rival']) name;

select is(tests.try_as(who, tests.rows_of('acme', 'quiet_hours_rules')), '1 rows', 'their own: ' || who)
from unnest(tests.members()) who;
select is(
  tests.try_as(who, 'select from public.quiet_hours_rules where organization_id is null'),
  tests.try_as('database owner', 'select from public.quiet_hours_rules where organization_id is null'), 'all shipped ones: ' || who
)
from unnest(tests.members()) who;
select is(tests.try_as(who, tests.rows_of('rival', 'quiet_hours_rules')), '0 rows', 'none of the rival''s: ' || who)
from unnest(tests.members()) who;

select * from finish();
rollback;
