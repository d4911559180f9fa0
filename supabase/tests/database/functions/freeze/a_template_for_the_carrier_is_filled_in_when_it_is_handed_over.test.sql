begin;
select plan(4);
select tests.build_world();

select tests.give_service();
create temp table job as select tests.enqueued_id(jsonb_build_object(
  'body', null, 'template', 'greeting', 'variables', '{"name": "Ann"}'::jsonb, 'carrier_scheduling', true, 'scheduled_for', now() + interval '1 day'
)) as id;
create temp table claimed as select c from tests.claim() c;
select is((select c #>> '{template,variables,name}' from claimed), 'Ann', 'the worker has what it needs');
select count(*) as n into temp table frozen from claimed, worker.freeze('w1', jsonb_build_array(jsonb_build_object('attempt_id', c ->> 'attempt_id', 'body', 'Hi Ann')));
select tests.accept((c ->> 'attempt_id')::uuid, 'SM1', 'scheduled') as done into temp table done from claimed;
select is((select tests.whereabouts(id) from job), 'at_carrier, scheduled at the carrier', 'handed over');
select is((select body from public.messages where id = (select message_id from public.message_jobs join job using (id))), 'Hi Ann', 'with its words');
select public.reschedule_job(tests.id('acme'), id, now() + interval '2 days') as r into temp table moved from job;
select tests.resolve_recall('{"kind": "cancelled"}') as r into temp table resolved;
select results_eq($$ select c ->> 'body', c ->> 'template' from tests.claim() c $$, $$ values ('Hi Ann', null) $$, 'which stay when it moves');

select * from finish();
rollback;
