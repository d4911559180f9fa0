begin;
select plan(2);

select set_eq(
  $$ select p.proname::text from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef $$,
  array[
    'apply_delivery_report', 'cancel_jobs', 'enqueue_batch', 'enqueue_message', 'ingest_inbound_message', 'job_status',
    'reschedule_job', 'retry_failed', 'send_reminder'
  ],
  'only what the secret key calls, and it needs the key to get there'
);
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prosecdef
      and (has_function_privilege('authenticated', p.oid, 'execute') or has_function_privilege('anon', p.oid, 'execute')) $$,
  'no session reaches one'
);

select * from finish();
rollback;
