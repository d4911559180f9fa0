begin;
select plan(8);
select tests.build_world();

select tests.give_service();
create temp table job as select tests.enqueued_id(jsonb_build_object('carrier_scheduling', true, 'scheduled_for', now() + interval '1 hour')) as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as attempt_id from tests.claim() c;
select tests.complete(attempt_id, '{"outcome": "not_sent", "error_class": "permanent", "error_code": "35125", "error_message": "schedule_not_possible"}')
  as done into temp table done from claimed;
select is((select tests.whereabouts(id) from job), 'scheduled, scheduled', 'not lost: it waits in the database');
select is((select due_at from public.message_jobs join job using (id)), now() + interval '1 hour', 'until the same time');
select is((select decision #>> '{carrier,waits_here}' from public.message_jobs join job using (id)), '35125', 'and says why');
select tests.enqueued_id('{"body": "Next"}') as id into temp table next;
select results_eq($$ select c ->> 'body' from tests.claim() c $$, array['Next'], 'the thread goes on meanwhile');
update public.message_jobs j set status = 'sent' from next n where j.id = n.id;
select tests.make_due(id) is null as done into temp table due from job;
create temp table again as select c from tests.claim() c;
select is((select c ->> 'job_id' from again), (select id::text from job), 'then it goes');
select is((select c ->> 'schedule_at' from again), null, 'at once');
select tests.accept((c ->> 'attempt_id')::uuid, 'SM2', 'queued') as done into temp table sent from again;
select is((select tests.whereabouts(id) from job), 'sent, sent', 'once');
select is((select array_agg(state order by started_at) from public.send_attempts where job_id = (select id from job)), array['not_sent', 'accepted'], 'by another attempt');

select * from finish();
rollback;
