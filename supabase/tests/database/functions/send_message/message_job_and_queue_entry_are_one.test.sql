begin;
select plan(6);
select tests.build_world();

create temp table sent as select tests.send('Hello 😀', tests.id('key')) as message;

select is(
  (select message - array['id', 'created_at'] from sent),
  jsonb_build_object(
    'thread_id', tests.id('acme thread'), 'sequence', 3, 'direction', 'outbound', 'body', 'Hello 😀', 'status', 'queued', 'segments', 1,
    'author_id', tests.id('agent'), 'author_name', 'Agent', 'client_key', tests.id('key'), 'error_code', null, 'error_text', null,
    'delayed_until', null, 'carrier_holds_until', null, 'sent_at', null, 'delivered_at', null, 'media', '[]'::jsonb
  ), 'the message is answered whole'
);
select results_eq(
  $$ select j.status, j.recipient, j.body, j.is_head, j.queue_name, j.phone_number_id from public.message_jobs j
    join sent on (message ->> 'id')::uuid = j.message_id $$,
  $$ values ('queued', '+13125550142', 'Hello 😀', true, 'sms_priority_queue', tests.id('acme number')) $$,
  'its job waits on the queue for what a person waits for'
);
select results_eq(
  $$ select q.message from pgmq.q_sms_priority_queue q $$,
  $$ select jsonb_build_object('v', 1, 'job_id', j.id) from public.message_jobs j join sent on (message ->> 'id')::uuid = j.message_id $$,
  'the queue carries the id and nothing else'
);
select results_eq(
  $$ select t.last_sequence, t.last_inbound_sequence, t.last_message_id from public.threads t where t.id = tests.id('acme thread') $$,
  $$ select 3, 1, (message ->> 'id')::uuid from sent $$, 'the thread knows its last message'
);
select is(
  (select t.last_message_at from public.threads t where t.id = tests.id('acme thread')), (select (message ->> 'created_at')::timestamptz from sent),
  'and when it was'
);
select isnt((select c.last_contact_at from public.contacts c where c.id = tests.id('acme contact')), null, 'so does the contact');

select * from finish();
rollback;
