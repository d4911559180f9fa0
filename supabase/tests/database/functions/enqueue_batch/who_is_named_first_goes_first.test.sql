begin;
select plan(2);
select tests.build_world();

create temp table answers as select public.enqueue_batch(tests.id('acme'), (
  select jsonb_agg(jsonb_build_object(
    'to', '+1312555' || 1000 + n, 'body', 'Text ' || n, 'class', 'urgent', 'idempotency_key', md5(n::text)
  ) order by n)
  from generate_series(1, 12) n
));
create temp table jobs as
  select j.body, j.position, j.queue_message_id, split_part(j.body, ' ', 2)::integer as place
  from public.message_jobs j where j.body like 'Text %';
select results_eq(
  'select place from jobs order by position', 'select n from generate_series(1, 12) n',
  'places are taken in the order of the call, whoever the messages are to'
);
select results_eq(
  'select place from jobs order by queue_message_id', 'select n from generate_series(1, 12) n',
  'and the queue has them in that order'
);

select * from finish();
rollback;
