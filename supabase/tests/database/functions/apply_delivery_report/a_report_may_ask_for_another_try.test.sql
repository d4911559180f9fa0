begin;
select plan(6);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"metadata": {"order": 7}}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.accept(id, 'SM1') as done into temp table done from claimed;

create temp table reported as select tests.report('{"provider_message_id": "SM1", "status": "undelivered", "error_code": "30003", "retry": {"after_seconds": 600, "times": 2}}') as r;
create temp table again as select j.* from public.message_jobs j where j.metadata ->> 'retry_of' = (select id::text from job);
select results_eq($$ select status, body, message_class, metadata ->> 'order' from again $$, $$ values ('scheduled', 'Hello', 'urgent', '7') $$, 'a new job with the same words');
select ok((select due_at between now() + interval '599 seconds' and now() + interval '601 seconds' from again), 'when the reason may have passed');
select is((select tests.job_place(id) from job), 'undelivered', 'the old one stays');
select is((select error_details ->> 'sent_again_as' from public.message_jobs join job using (id)), (select id::text from again), 'and names the new one');
select tests.report('{"event_key": "another", "provider_message_id": "SM1", "status": "undelivered", "error_code": "30003", "retry": {"after_seconds": 600, "times": 2}}') as r into temp table repeated;
select is((select count(*)::integer from public.message_jobs where metadata ->> 'retry_of' = (select id::text from job)), 1, 'a report that comes twice asks once');
select is((select count(*)::integer from public.messages m where m.body = 'Hello' and m.status = 'queued'), 0, 'and its message comes when it goes');

select * from finish();
rollback;
