begin;
select plan(2);
select tests.build_world();

set local client_min_messages = error;
alter table realtime.messages add constraint broken check (false) not valid;

select is(tests.send('Hello') ->> 'status', 'queued', 'the message is taken');
select is_empty($$ select from realtime.messages $$, 'though nobody was told');

select * from finish();
rollback;
