begin;
select plan(1);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"to": "+13125550142"}') as id;
update public.message_jobs set window_until = now() + interval '5 hours' where id = (select id from job);
update public.contacts set time_zone = 'Pacific/Honolulu' where id = tests.id('acme contact');
select ok((select window_until <= clock_timestamp() from public.message_jobs join job using (id)), 'before what waits goes out');

select * from finish();
rollback;
