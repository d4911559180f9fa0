begin;
select plan(4);
select tests.build_world();

select tests.add_thread('thread ' || n, '+1415555' || to_char(1000 + n, 'FM0000')) as id into temp table added from generate_series(1, 30) n;
delete from realtime.messages;

update public.threads t set updated_at = now() where t.id in (select tests.id('thread ' || n) from generate_series(1, 24) n) or t.id in (tests.id('acme thread'), tests.id('rival thread'));
select is((select count(*) from realtime.messages), 2::bigint, 'two organizations, two hints');
select is(
  (select jsonb_array_length(m.payload -> 'threads') from realtime.messages m where m.topic = 'org:' || tests.id('acme') || ':inbox'), 25, 'with all that changed'
);
select is(
  (select m.payload #>> '{threads,0,id}' from realtime.messages m where m.topic = 'org:' || tests.id('rival') || ':inbox'), tests.id('rival thread')::text,
  'and none of another organization''s'
);
delete from realtime.messages;
update public.threads t set updated_at = now() where t.organization_id = tests.id('acme');
select results_eq(
  $$ select m.payload - 'id' - 'xid' from realtime.messages m $$, $$ values ('{"resync": true}'::jsonb) $$, 'past twenty-five a client is told to ask'
);

select * from finish();
rollback;
