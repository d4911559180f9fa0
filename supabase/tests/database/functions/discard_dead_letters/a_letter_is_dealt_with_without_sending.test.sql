begin;
select plan(9);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"max_retries": 0}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, (c ->> 'message_id')::uuid as message_id from tests.claim() c;
select tests.complete(id, '{"outcome": "not_sent", "error_class": "retryable", "error_code": "x", "error_text": "Why"}') as done into temp table done from claimed;
select worker.sweep() as s into temp table swept;
create function pg_temp.discard(p_who text) returns text language sql as $$
  select tests.value_as(p_who, format('select public.discard_dead_letters(%L, array[%L]::uuid[])', tests.id('acme'), (select id from job)));
$$;

select is(tests.try_as(who, format('select public.discard_dead_letters(%L, array[%L]::uuid[])', tests.id('acme'), job.id)), 'TL001', who || ' may not')
from job, unnest(array['agent', 'rival owner', 'suspended member']) who;
select is((select count(*)::integer from public.alerts where kind = 'dead_letters' and closed_at is null), 1, 'somebody is told of it');
select is(pg_temp.discard('admin'), '1', 'an admin may');
select is((select count(*)::integer from pgmq.q_sms_dead_letter), 0, 'the letter is gone');
select is((select count(*)::integer from public.alerts where kind = 'dead_letters' and closed_at is null), 0, 'and the alert with the last of them');
select is((select tests.message_status(message_id) from claimed), 'failed', 'the message stays failed');
select is(pg_temp.discard('admin'), '0', 'twice is once');

select * from finish();
rollback;
