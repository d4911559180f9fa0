begin;
select plan(5);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"max_retries": 0}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.complete(id, '{"outcome": "not_sent", "error_class": "retryable", "error_code": "x", "error_text": "Why", "http_status": 400}') as done into temp table done from claimed;

select is(tests.try_as('agent', format('select public.replay_dead_letters(%L, array[%L]::uuid[])', tests.id('acme'), id)), 'TL001', 'not by an agent') from job;
create temp table replayed as select r from job, jsonb_array_elements(tests.value_as('admin', format('select public.replay_dead_letters(%L, array[%L]::uuid[])', tests.id('acme'), id))::jsonb) r;
select is((select r ->> 'outcome' from replayed), 'accepted', 'by an admin');
select is((select count(*)::integer from pgmq.q_sms_dead_letter), 0, 'the letter is off its queue');
select is(
  (select r ->> 'outcome' from job, jsonb_array_elements(tests.value_as('admin', format('select public.replay_dead_letters(%L, array[%L]::uuid[])', tests.id('acme'), id))::jsonb) r),
  'duplicate', 'twice is once'
);
select is((select count(*)::integer from public.audit_logs where action = 'dead_letters_replayed' and organization_id = tests.id('acme')), 2, 'and both are on record');

select * from finish();
rollback;
