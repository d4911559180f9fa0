begin;
select plan(3);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": "Was it sent?"}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, (c ->> 'message_id')::uuid as message_id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;

select worker.resolve_unknown(id, '{"kind": "ambiguous"}') as r into temp table resolved from claimed;
select tests.report(jsonb_build_object('attempt_id', id, 'provider_message_id', 'SM1', 'status', 'delivered')) as r into temp table reported from claimed;
select is((select tests.job_place(id) from job), 'delivered', 'after all');
select is((select state from public.send_attempts join claimed using (id)), 'accepted', 'its attempt too');
select worker.sweep() as swept into temp table swept;
select is((select count(*)::integer from public.alerts where kind = 'send_unconfirmed' and closed_at is null), 0, 'and the question is gone');

select * from finish();
rollback;
