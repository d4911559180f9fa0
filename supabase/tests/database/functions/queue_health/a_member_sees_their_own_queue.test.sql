begin;
select plan(4);
select tests.build_world();

create temp table job as select tests.enqueued_id() as id;
select is((tests.value_as('agent', format('select public.queue_health(%L)', tests.id('acme')))::jsonb #>> '{counts,queued}'), '1', 'what waits');
select is((tests.value_as('agent', format('select public.queue_health(%L)', tests.id('acme')))::jsonb ->> 'oldest_waiting_seconds')::integer between 0 and 5, true, 'and how long');
select is(tests.try_as(who, format('select public.queue_health(%L)', tests.id('acme'))), 'TL001', who || ' sees nothing') from unnest(array['rival owner', 'stranger']) who;

select * from finish();
rollback;
