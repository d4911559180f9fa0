begin;
select plan(12);
select tests.build_world();

insert into public.alerts (organization_id, kind, severity) values (tests.id('acme'), 'jobs_late', 'warning'), (tests.id('rival'), 'jobs_late', 'warning');
select is(tests.try_as(who, tests.rows_of('acme', 'alerts')), '0 rows', who || ' sees none') from unnest(tests.outsiders() || array['agent']) who;
select is(tests.try_as(who, tests.rows_of('acme', 'alerts')), '1 rows', who || ' sees theirs') from unnest(tests.admins()) who;
select is(tests.try_as('admin', tests.rows_of('rival', 'alerts')), '0 rows', 'and nobody else''s');
select is(tests.try_as('owner', tests.write_statement(verb, 'alerts')), '42501', 'nobody may ' || verb) from unnest(array['insert', 'update', 'delete', 'truncate']) verb;

select * from finish();
rollback;
