begin;
select plan(1);
select tests.build_world();

select tests.give_service();
create temp table job as select tests.enqueued_id(jsonb_build_object('carrier_scheduling', true, 'scheduled_for', now() + interval '1 hour')) as id;
select tests.accept((c ->> 'attempt_id')::uuid, 'SM1', 'queued') as done into temp table done from tests.claim() c;
select is((select tests.whereabouts(id) from job), 'sent, sent', 'whatever it was asked for');

select * from finish();
rollback;
