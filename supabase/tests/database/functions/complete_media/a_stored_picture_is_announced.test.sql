begin;
select plan(3);
select tests.build_world();

select tests.value_as('worker', format(
  'select worker.complete_media(%L, ''stored'', ''a/b/0.png'', ''image/webp'', 1234, null)', tests.id('acme picture')
)) as done into temp table done;

select results_eq(
  $$ select d.status, d.storage_path, d.content_type, d.size_bytes, d.failure_reason from public.message_media d where d.id = tests.id('acme picture') $$,
  $$ values ('stored', 'a/b/0.png', 'image/webp', 1234::bigint, null) $$, 'where it is and what it is'
);
select is((select p #>> '{message,media,0,status}' from tests.broadcasts('message_changed') p), 'stored', 'the thread hears of it');
select is(
  (select m.change_xid from public.messages m where m.id = tests.id('acme inbound')), pg_current_xact_id(), 'and a client that slept can ask for it'
);

select * from finish();
rollback;
