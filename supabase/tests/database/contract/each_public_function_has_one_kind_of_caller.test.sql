begin;
select plan(3);

select set_eq(
  $$ select p.proname::text from pg_proc p
    where p.pronamespace = 'public'::regnamespace and has_function_privilege('service_role', p.oid, 'execute') $$,
  array[
    'apply_delivery_report', 'authenticate_api_key', 'cancel_jobs', 'enqueue_batch', 'enqueue_message', 'ingest_inbound_message', 'job_status',
    'reschedule_job', 'retry_failed', 'send_reminder'
  ],
  'the secret key brings carrier events and does what programs ask, and calls nothing else'
);
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'public'::regnamespace
      and has_function_privilege('authenticated', p.oid, 'execute') = has_function_privilege('service_role', p.oid, 'execute') $$,
  'every function is for people who signed in or for the secret key, never for both and never for nobody'
);
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'worker'::regnamespace)
      and has_function_privilege('threadline_worker', p.oid, 'execute') and has_function_privilege('authenticated', p.oid, 'execute') $$,
  'nor does anybody share one with the worker'
);

select * from finish();
rollback;
