begin;
select plan(1);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"metadata": {"order": 7}}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.accept(id, 'SM1') as done into temp table done from claimed;

select tests.report('{"provider_message_id": "SM1", "status": "delivered"}') as r into temp table delivered;
select tests.report('{"provider_message_id": "SM1", "status": "failed", "retry": {"after_seconds": 60, "times": 2}}') as r into temp table failed;
select is((select count(*)::integer from public.message_jobs where metadata ? 'retry_of'), 0, 'whatever comes late');

select * from finish();
rollback;
