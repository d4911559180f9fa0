begin;
select plan(4);
select tests.build_world();

create temp table jobs as select tests.enqueued_id('{"body": "First"}') as first, tests.enqueued_id('{"body": "Second"}') as second;
select is((select public.reschedule_job(tests.id('acme'), first, now() + interval '1 hour') ->> 'status' from jobs), 'scheduled', 'the first waits');
select results_eq($$ select c ->> 'body' from tests.claim() c $$, array['Second'], 'the second does not wait for it');
select is((select public.reschedule_job(tests.id('acme'), first, now() - interval '1 hour') ->> 'status' from jobs), 'scheduled', 'a time past is now');
select ok((select due_at <= clock_timestamp() from public.message_jobs join jobs on first = id), 'and it is due');

select * from finish();
rollback;
