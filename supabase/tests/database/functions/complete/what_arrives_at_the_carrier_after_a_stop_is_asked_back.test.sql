begin;
select plan(3);
select tests.build_world();

select tests.give_service();
create temp table job as select tests.enqueued_id(jsonb_build_object('carrier_scheduling', true, 'scheduled_for', now() + interval '1 hour')) as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as attempt_id from tests.claim() c;
select tests.inbound('{"from": "+14155550123", "body": "STOP", "intent": "stop"}') as r into temp table stopped;
select is((select count(*)::integer from public.carrier_recalls where state = 'wanted'), 0, 'on its way when they stopped');
select tests.accept(attempt_id, 'SM1', 'scheduled') as done into temp table done from claimed;
select results_eq($$ select reason, state from public.carrier_recalls join job on job_id = job.id $$, $$ values ('opted_out', 'wanted') $$, 'so it is taken back as soon as it is there');
select is((select tests.whereabouts(id) from job), 'at_carrier, scheduled at the carrier', 'until then it says where it is');

select * from finish();
rollback;
