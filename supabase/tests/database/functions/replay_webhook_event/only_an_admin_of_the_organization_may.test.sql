begin;
select plan(7);
select tests.build_world();

create temp table event as select w.id from public.webhook_events w where w.organization_id = tests.id('acme');

select is(tests.try_as(who, format('select public.replay_webhook_event(%L)', (select id from event))), 'TL001', who)
from unnest(tests.outsiders() || array['agent']) who;
select is(tests.try_as('admin', format('select public.replay_webhook_event(%L)', tests.id('nothing'))), 'TL001', 'what does not exist is refused alike');
select is(tests.try_as('admin', format('select public.replay_webhook_event(%L)', (select id from event))), '1 rows', 'an admin may');

select * from finish();
rollback;
