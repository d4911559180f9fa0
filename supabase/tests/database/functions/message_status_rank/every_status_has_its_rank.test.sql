begin;
select plan(1);

select results_eq(
  $$ select s, private.message_status_rank(s)::integer from unnest(array[
    'scheduled', 'held', 'queued', 'unknown', 'sent', 'delivered', 'undelivered', 'failed', 'cancelled', 'blocked', 'received'
  ]) with ordinality as v (s, n) order by n $$,
  $$ values ('scheduled', 1), ('held', 1), ('queued', 1), ('unknown', 2), ('sent', 3), ('delivered', 4), ('undelivered', 4), ('failed', 4),
    ('cancelled', 4), ('blocked', 4), ('received', 4) $$,
  'waiting, unknown, sent, final'
);

select * from finish();
rollback;
