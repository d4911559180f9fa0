begin;
select plan(4);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table claimed as select c from tests.claim() c;

select is(
  (select c - array['attempt_id', 'job_id', 'enqueued_at', 'due_at'] from claimed),
  jsonb_build_object(
    'message_id', (select id from sent), 'organization_id', tests.id('acme'), 'thread_id', tests.id('acme thread'), 'provider', 'twilio',
    'account_ref', 'AC-acme', 'credentials_ref', 'demo', 'from', '+12125550100', 'to', '+13125550142', 'body', 'Hello',
    'messaging_service_sid', null, 'media_paths', '[]'::jsonb, 'retry_count', 0, 'queue', 'sms_priority_queue',
    'provider_account_id', tests.id('acme account'), 'message_class', 'conversational', 'template', null, 'send_after_ms', 0, 'is_probe', false,
    'schedule_at', null
  ), 'as promised'
);
select results_eq(
  $$ select a.state, a.worker_id, a.recipient, a.body_sha256, a.lease_expires_at > clock_timestamp() from public.send_attempts a
    join claimed on (c ->> 'attempt_id')::uuid = a.id $$,
  $$ values ('submitting', 'w1', '+13125550142', sha256('Hello'), true) $$, 'its attempt is written before the carrier hears of it'
);
select is(tests.job_status((select id from sent)) || ' ' || tests.message_status((select id from sent)), 'processing queued', 'the job is in hand');
select is_empty($$ select tests.claim() $$, 'and in nobody else''s');

select * from finish();
rollback;
