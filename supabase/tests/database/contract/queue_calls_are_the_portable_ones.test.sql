begin;
select plan(2);

select is_empty(
  $$ select p.oid::regprocedure, m.call[1] from pg_proc p
    cross join lateral regexp_matches(p.prosrc, 'pgmq\.([a-z_]+)', 'g') as m (call)
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'worker'::regnamespace)
      and m.call[1] not in ('send', 'send_batch', 'read', 'set_vt', 'delete', 'metrics_all', 'q_sms_queue', 'q_sms_priority_queue') $$,
  'only what pgmq has had from 1.4.4 to 1.11'
);
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'worker'::regnamespace)
      and p.prosrc ~ 'pgmq\.(send|read|set_vt|delete)\((?!(\s|\S)*?::(integer|bigint\[\]))' $$,
  'with typed arguments, or overloads of later versions make the call ambiguous'
);

select * from finish();
rollback;
