begin;
select plan(5);
select tests.build_world();

select is_empty(
  $$ select c.relname from pg_class c where c.relnamespace = 'pgmq'::regnamespace and c.relname ~ '^[qa]_sms' and c.relkind = 'r' and not c.relrowsecurity $$,
  'every queue and archive has row-level security'
);
select is_empty(
  $$ select who from unnest(tests.everybody()) who where tests.try_as(who, 'select from pgmq.q_sms_priority_queue') <> '42501' $$,
  'nobody reads a queue'
);
select is_empty(
  $$ select who from unnest(tests.everybody()) who
    where tests.try_as(who, 'select pgmq.send(''sms_queue''::text, ''{}''::jsonb, 0)') <> '42501' $$,
  'nobody puts anything on one'
);
select is_empty(
  $$ select who from unnest(tests.everybody()) who where tests.try_as(who, 'select pgmq.purge_queue(''sms_queue'')') <> '42501' $$,
  'nobody empties one'
);
select is_empty(
  $$ select who from unnest(tests.everybody()) who where tests.try_as(who, 'select from private.sleeping_workers') <> '42501' $$,
  'nobody sees who sleeps'
);

select * from finish();
rollback;
