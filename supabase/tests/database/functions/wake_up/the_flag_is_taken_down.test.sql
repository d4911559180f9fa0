begin;
select plan(2);
select tests.build_world();

update public.message_media set status = 'stored';
select tests.value_as('worker', 'select worker.fall_asleep(''w1'', 10)') as a, tests.value_as('worker', 'select worker.fall_asleep(''w2'', 10)') as b into temp table asleep;
select tests.value_as('worker', 'select worker.wake_up(''w1'')') as awake into temp table awake;
select results_eq($$ select s.worker_id from private.sleeping_workers s $$, array['w2'], 'one''s own only');
select is(tests.try_as('worker', 'select worker.wake_up(''nobody'')'), '1 rows', 'who did not sleep may wake up too');

select * from finish();
rollback;
