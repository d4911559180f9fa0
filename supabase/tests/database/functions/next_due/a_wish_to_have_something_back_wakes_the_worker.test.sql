begin;
select plan(2);
select tests.build_world();

update public.message_media set status = 'stored';
create temp table job as select tests.at_carrier() as id;
select is(worker.next_due(), null, 'what waits at the carrier is nobody''s work');
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled from job;
select ok(worker.next_due() <= clock_timestamp(), 'until somebody wants it back');

select * from finish();
rollback;
