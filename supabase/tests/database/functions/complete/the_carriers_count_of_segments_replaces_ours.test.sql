begin;
select plan(2);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.complete((select id from attempt), '{"outcome": "accepted", "provider_message_id": "SM1", "segments": 4}') as done into temp table done;
select is((select m.segments::integer from public.messages m where m.id = (select id from sent)), 4, 'four');
create temp table later as select tests.sent_id('Again') as id;
select tests.complete(tests.claimed_attempt(), '{"outcome": "accepted", "provider_message_id": "SM2", "segments": 0}') as done into temp table done2;
select is((select m.segments::integer from public.messages m where m.id = (select id from later)), 1, 'none yet is no count');

select * from finish();
rollback;
