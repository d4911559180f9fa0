begin;
select plan(2);
select tests.build_world();

select tests.sent_id('Hello') as id into temp table sent;
create temp table depths as select d.* from jsonb_to_recordset(tests.value_as('worker', 'select worker.queue_depths()')::jsonb) as d (queue text, length integer, oldest_age_seconds integer);

select set_eq($$ select queue, length from depths $$, $$ values ('sms_priority_queue', 1), ('sms_queue', 0), ('sms_dead_letter', 0) $$, 'with its length');
select is((select oldest_age_seconds from depths where queue = 'sms_queue'), null, 'an empty one has no age');

select * from finish();
rollback;
