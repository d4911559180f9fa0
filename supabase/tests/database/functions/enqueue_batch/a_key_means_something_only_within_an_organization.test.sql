begin;
select plan(1);
select tests.build_world();

select tests.enqueued_id('{"idempotency_key": "k"}') as id into temp table first;
select is(
  public.enqueue_message(tests.id('rival'), '{"to": "+14155550123", "body": "Other words", "class": "urgent", "idempotency_key": "k"}') ->> 'outcome',
  'accepted', 'a rival may use it too'
);

select * from finish();
rollback;
