begin;
select plan(3);
select tests.build_world();

create temp table job as select tests.enqueued_id() as id;
create temp table metrics as select worker.engine_metrics() as m;
select is((select m #>> '{jobs,queued}' from metrics), '1', 'counts');
select is((select (m ->> 'oldest_due_seconds')::integer >= 0 from metrics), true, 'ages');
select ok((select m::text !~ '\+1|Hello|Acme' from metrics), 'and nobody''s number, words or name');

select * from finish();
rollback;
