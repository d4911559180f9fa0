begin;
select plan(2);
select tests.build_world();

select results_eq(
  $$ select coalesce(r ->> 'code', r ->> 'outcome') from tests.enqueue(
    '{"idempotency_key": "k", "send_before": "2020-01-01T00:00:00Z"}', '{"idempotency_key": "k"}', '{"idempotency_key": "k"}'
  ) r $$,
  array['TL112', 'accepted', 'duplicate'], 'within one call'
);
select is((select count(*)::integer from public.message_jobs where idempotency_key = 'k'), 1, 'and one is written');

select * from finish();
rollback;
