begin;
select plan(2);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
select public.reschedule_job(tests.id('acme'), j.id, now() + interval '1 hour') as r into temp table moved from public.message_jobs j join sent on sent.id = j.message_id;
select is((select tests.message_status(id) from sent), 'scheduled', 'while it waits');
select tests.make_due(j.id)::text as due into temp table due from public.message_jobs j join sent on sent.id = j.message_id;
create temp table claimed as select c from tests.claim() c;
select is((select tests.message_status(id) || ' ' || tests.job_status(id) from sent), 'queued processing', 'and no longer when it goes');

select * from finish();
rollback;
