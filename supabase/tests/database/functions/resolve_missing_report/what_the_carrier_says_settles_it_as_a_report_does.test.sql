begin;
select plan(6);
select tests.build_world();
-- Those of the world itself are no part of this.
delete from public.message_jobs;

create temp table job as select tests.enqueued_id('{"to": "+14155550110"}') as id;
select tests.accept(tests.claimed_attempt(), 'SM1');
select tests.age_attempts('20 minutes');
select tests.missing_reports();
create temp table attempt as select id, message_id from public.send_attempts;
create temp table answer as select '{
  "kind": "known", "status": "undelivered", "provider_status": "undelivered", "error_code": "30003", "error_text": "The phone is off",
  "retry": {"after_seconds": 3600, "times": 1}
}'::jsonb as result;
select is((select worker.resolve_missing_report(id, result) from attempt, answer), 'reported', 'it is over');
select is((select tests.job_place(id) from job), 'undelivered', 'and everybody sees how');
select results_eq(
  $$ select error_code, error_text from public.messages join attempt on message_id = messages.id $$,
  $$ values ('30003', 'The phone is off') $$, 'and why'
);
select results_eq(
  $$ select provider_status, error_code, details from public.message_events join attempt using (message_id) where event_key like 'look_up:%' $$,
  $$ values ('undelivered', '30003', '{"source": "look_up"}'::jsonb) $$, 'the observation says where it is from'
);
select is((select count(*)::integer from public.message_jobs where metadata ->> 'retry_of' = (select id::text from job)), 1, 'it goes out again where a report would let it');
select is((select worker.resolve_missing_report(id, result) from attempt, answer), 'settled', 'a second answer finds nothing to do');

select * from finish();
rollback;
