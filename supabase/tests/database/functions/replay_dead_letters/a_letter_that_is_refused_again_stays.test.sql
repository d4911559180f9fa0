begin;
select plan(2);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"max_retries": 0}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.complete(id, '{"outcome": "not_sent", "error_class": "retryable", "error_code": "x", "error_text": "Why", "http_status": 400}') as done into temp table done from claimed;

insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source) values (tests.id('acme'), '+14155550123', true, 'member');
select is(
  (select r ->> 'code' from job, jsonb_array_elements(tests.value_as('admin', format('select public.replay_dead_letters(%L, array[%L]::uuid[])', tests.id('acme'), id))::jsonb) r),
  'TL103', 'to somebody who opted out since'
);
select is((select count(*)::integer from pgmq.q_sms_dead_letter), 1, 'for somebody to see');

select * from finish();
rollback;
