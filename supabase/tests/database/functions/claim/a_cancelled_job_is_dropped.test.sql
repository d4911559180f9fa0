begin;
select plan(2);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
update public.message_jobs set status = 'cancelled' where message_id = (select id from sent);

select is_empty($$ select tests.claim() $$, 'the job as it is now decides');
select is(tests.queue_state((select id from sent)), 'gone', 'the entry is gone');

select * from finish();
rollback;
