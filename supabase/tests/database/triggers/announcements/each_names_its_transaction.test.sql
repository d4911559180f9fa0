begin;
select plan(3);
select tests.build_world();

delete from realtime.messages;
select tests.inbound() as r into temp table received;
select bag_eq(
  $$ select distinct m.payload ->> 'xid' from realtime.messages m $$, $$ values (pg_current_xact_id()::text) $$, 'the one that wrote it'
);
select tests.value_as('agent', format('select public.inbox_changes(%L, ''5'')', tests.id('acme')))::jsonb as answer into temp table changes;
select is(
  (select pg_snapshot_xmin((answer ->> 'snapshot')::pg_snapshot)::text from changes), (select answer ->> 'cursor' from changes),
  'an answer says what it could see'
);
select tests.value_as('agent', format('select public.thread_changes(%L, ''5'')', tests.id('acme thread')))::jsonb as answer into temp table messages;
select is(
  (select pg_snapshot_xmin((answer ->> 'snapshot')::pg_snapshot)::text from messages), (select answer ->> 'cursor' from messages),
  'so does a thread'
);

select * from finish();
rollback;
