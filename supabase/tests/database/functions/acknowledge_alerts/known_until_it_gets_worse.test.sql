begin;
select plan(8);
select tests.build_world();

do $do$ begin perform private.open_alert(tests.id('acme'), 'jobs_late', 'warning', ''); end $do$;
do $do$ begin perform private.open_alert(tests.id('acme'), 'sent_twice', 'critical', 'm'); end $do$;
create function pg_temp.acknowledge(p_who text) returns text language sql as $$
  select tests.try_as(p_who, format('select public.acknowledge_alerts(%L, %L)', tests.id('acme'), array(select id from public.alerts)));
$$;
create function pg_temp.notice() returns jsonb language sql as $$
  select tests.value_as('admin', format('select public.delivery_notice(%L)', tests.id('acme')))::jsonb;
$$;

select is(pg_temp.acknowledge(who), 'TL001', who || ' may not') from unnest(array['agent', 'rival owner', 'suspended member']) who;
select is(pg_temp.notice(), '{"alerts": 2, "undecided": 0, "is_critical": true}'::jsonb, 'two ask for a look');
select is(pg_temp.acknowledge('admin'), '1 rows', 'an admin knows');
select results_eq(
  $$ select kind, closed_at is null, acknowledged_by from public.alerts order by kind $$,
  $$ values ('jobs_late', true, tests.id('admin')), ('sent_twice', false, tests.id('admin')) $$,
  'what lasts stays open, what happened once is over'
);
do $do$ begin perform private.open_alert(tests.id('acme'), 'jobs_late', 'warning', ''); end $do$;
select is(pg_temp.notice() ->> 'alerts', '0', 'the same again is known');
do $do$ begin perform private.open_alert(tests.id('acme'), 'jobs_late', 'critical', ''); end $do$;
select is(pg_temp.notice() ->> 'alerts', '1', 'worse asks again');

select * from finish();
rollback;
