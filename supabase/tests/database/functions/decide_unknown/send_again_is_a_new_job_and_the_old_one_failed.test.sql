begin;
select plan(4);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": "Was it sent?"}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, (c ->> 'message_id')::uuid as message_id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;

create temp table decided as select tests.value_as('admin', format('select public.decide_unknown(%L, ''send_again'')', id))::jsonb as r from job;
select is((select r ->> 'outcome' from decided), 'accepted', 'it goes again');
select is((select tests.job_place(id) from job), 'failed', 'the old one is over');
select is((select j.metadata ->> 'resend_of' from public.message_jobs j join decided on j.id = (r ->> 'job_id')::uuid), (select id::text from job), 'and named');
select is((select count(*)::integer from public.alerts where kind = 'send_unconfirmed' and closed_at is null), 0, 'nothing is left to ask');

select * from finish();
rollback;
