begin;
select plan(4);
select tests.build_world();

select tests.give_service();
create temp table job as select tests.enqueued_id(jsonb_build_object('carrier_scheduling', true, 'scheduled_for', now() + interval '1 hour', 'max_retries', 0)) as id;
select tests.complete((c ->> 'attempt_id')::uuid, '{"outcome": "not_sent", "error_class": "retryable", "error_code": "no_answer"}') as done
  into temp table done from tests.claim() c;
select is((select tests.whereabouts(id) from job), 'scheduled, scheduled', 'its time has not come, so it is not dead');
select is((select retry_count::integer from public.message_jobs join job using (id)), 0, 'and its tries are its own');
create temp table refused as select tests.enqueued_id(jsonb_build_object('to', '+14155550124', 'carrier_scheduling', true, 'scheduled_for', now() + interval '1 hour')) as id;
select tests.complete((c ->> 'attempt_id')::uuid, '{"outcome": "not_sent", "error_class": "permanent", "error_code": "21211"}') as done
  into temp table done_too from tests.claim() c;
select is((select tests.whereabouts(id) from refused), 'failed, failed', 'what would never be taken fails now');
select is((select count(*)::integer from pgmq.q_sms_dead_letter), 0, 'and nothing is buried');

select * from finish();
rollback;
