begin;
select plan(4);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": "Was it sent?"}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, (c ->> 'message_id')::uuid as message_id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;

select is((select worker.resolve_unknown(id, '{"kind": "found", "provider_message_id": "SM1", "status": "delivered"}') from claimed), 'found', 'in the log');
select is((select tests.job_place(id) from job), 'delivered', 'with the status it has there');
select results_eq($$ select status, provider_message_id from public.messages join claimed on message_id = messages.id $$, $$ values ('delivered', 'SM1') $$, 'and its name');
select is((select worker.resolve_unknown(id, '{"kind": "none"}') from claimed), 'settled', 'another look changes nothing');

select * from finish();
rollback;
