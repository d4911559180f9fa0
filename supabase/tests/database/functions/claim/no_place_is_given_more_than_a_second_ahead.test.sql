begin;
select plan(3);
select tests.build_world();

select tests.limit_acme(2);
create temp table jobs as select tests.enqueued_id(jsonb_build_object('to', '+1415555010' || n)) as id from generate_series(0, 4) n;
select results_eq($$ select (c ->> 'send_after_ms')::integer from tests.claim() c $$, array[0, 500, 1000], 'what comes within a second');
select is((select count(*)::integer from jobs where tests.job_place(id) = 'queued on its queue'), 2, 'the rest comes again');
select is((select count(*)::integer from pgmq.q_sms_queue where vt > clock_timestamp() and vt < clock_timestamp() + interval '3 seconds'), 2, 'soon');

select * from finish();
rollback;
