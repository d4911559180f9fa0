begin;
select plan(4);
select tests.build_world();

update public.message_media set status = 'stored';
select is(tests.value_as('worker', 'select worker.next_due()'), null, 'nothing waits');
create temp table sent as select tests.sent_id('Hello') as id;
select ok(tests.value_as('worker', 'select worker.next_due()')::timestamptz <= clock_timestamp(), 'now');
select tests.complete(tests.claimed_attempt(), '{"outcome": "later", "retry_after_seconds": 100}') as later into temp table later;
select ok(
  tests.value_as('worker', 'select worker.next_due()')::timestamptz between clock_timestamp() + interval '90 seconds' and clock_timestamp() + interval '300 seconds', 'after the back-off'
);
update public.message_media set status = 'pending', copy_after = clock_timestamp() + interval '10 seconds' where id = tests.id('acme picture');
select ok(tests.value_as('worker', 'select worker.next_due()')::timestamptz < clock_timestamp() + interval '11 seconds', 'or for a picture before');

select * from finish();
rollback;
