begin;
select plan(5);
select tests.build_world();

select is(tests.value_as('worker', 'select worker.fall_asleep(''w1'', 10)'), 'false', 'a picture waits to be copied');
update public.message_media set status = 'stored';
select is(tests.value_as('worker', 'select worker.fall_asleep(''w1'', 10)'), 'true', 'nothing to do');
select tests.sent_id('Hello') as id into temp table sent;
select is(tests.value_as('worker', 'select worker.fall_asleep(''w1'', 10)'), 'false', 'a job waits');
select tests.claim() as c into temp table claimed;
select is(tests.value_as('worker', 'select worker.fall_asleep(''w1'', 10)'), 'true', 'a job in hand is no waiting job');
select is((select count(*) from private.sleeping_workers), 1::bigint, 'one flag for each worker');

select * from finish();
rollback;
