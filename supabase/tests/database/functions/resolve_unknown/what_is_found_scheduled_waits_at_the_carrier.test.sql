begin;
select plan(4);
select tests.build_world();

select tests.give_service();
create temp table job as select tests.enqueued_id(jsonb_build_object('carrier_scheduling', true, 'scheduled_for', now() + interval '1 hour')) as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;
select is((select tests.whereabouts(id) from job), 'unknown, unknown', 'nobody knows whether it was taken');
select is((select worker.resolve_unknown(id, '{"kind": "found", "provider_message_id": "SM1", "status": "sent", "provider_status": "scheduled"}') from claimed), 'found', 'the log knows');
select is((select tests.whereabouts(id) from job), 'at_carrier, scheduled at the carrier', 'it waits there');
select is((select r ->> 'outcome' from job, jsonb_array_elements(public.cancel_jobs(tests.id('acme'), array[id])) r), 'requested', 'and can be asked back');

select * from finish();
rollback;
