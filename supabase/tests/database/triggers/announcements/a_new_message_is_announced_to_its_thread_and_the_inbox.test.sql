begin;
select plan(5);
select tests.build_world();

create temp table sent as select tests.send('Hello') as message;

select results_eq(
  $$ select m.topic, m.event, m.private from realtime.messages m order by m.event $$,
  $$ values ('org:' || tests.id('acme') || ':thread:' || tests.id('acme thread'), 'message_created', true),
    ('org:' || tests.id('acme') || ':inbox', 'threads_changed', true) $$, 'one hint each, both private'
);
select is((select p -> 'message' from tests.broadcasts('message_created') p), (select message from sent), 'with the message as the sender got it');
select is((select p #>> '{threads,0,last_message,preview}' from tests.broadcasts('threads_changed') p), 'Hello', 'and the thread as the list shows it');
select is((select p #>> '{threads,0,contact,name}' from tests.broadcasts('threads_changed') p), 'Maria', 'with the customer');
select ok((select not (p #> '{threads,0}') ? 'unread_count' from tests.broadcasts('threads_changed') p), 'without what only each reader knows');

select * from finish();
rollback;
