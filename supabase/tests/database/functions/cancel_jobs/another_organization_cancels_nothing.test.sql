begin;
select plan(2);
select tests.build_world();

create temp table job as select tests.enqueued_id() as id;
select is((select r ->> 'code' from job, jsonb_array_elements(public.cancel_jobs(tests.id('rival'), array[id])) r), 'TL001', 'as if it were not there');
select is((select tests.job_place(id) from job), 'queued on its queue', 'and it goes on');

select * from finish();
rollback;
