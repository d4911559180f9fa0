begin;
select plan(6);
select tests.build_world();

select tests.become('admin');
create temp table made as select k.* from generate_series(1, 20) n, public.create_api_key(tests.id('acme'), 'Program ' || n) as k;
select tests.become('database owner');

select is((select count(*) from made where api_key ~ '^tl_live_[0-9A-Za-z]{32}$'), 20::bigint, 'the documented form');
select is((select count(distinct api_key) from made), 20::bigint, 'all different');
select is(
  (select count(*) from made m join public.api_keys k on k.id = m.api_key_id and k.key_hash = sha256(convert_to(m.api_key, 'UTF8'))),
  20::bigint, 'the hash of each'
);
select is(
  (select count(*) from made m join public.api_keys k on k.id = m.api_key_id and m.api_key like k.key_prefix || '%' and char_length(k.key_prefix) = 12),
  20::bigint, 'the beginning of each'
);
select is_empty(
  $$ select from made m, public.api_keys k where to_jsonb(k)::text like '%' || substr(m.api_key, 13) || '%' $$, 'and the key itself nowhere'
);
select is_empty(
  $$ select from made m, public.audit_logs l where to_jsonb(l)::text like '%' || substr(m.api_key, 13) || '%' $$, 'nor in the audit log'
);

select * from finish();
rollback;
