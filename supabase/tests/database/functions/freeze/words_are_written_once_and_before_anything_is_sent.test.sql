begin;
select plan(4);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": null, "template": "greeting", "variables": {"name": "Maria"}}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
create temp table frozen as select f from worker.freeze('w1', (select jsonb_build_array(jsonb_build_object('attempt_id', id, 'body', 'Hi Maria')) from claimed)) f;
select is((select f ->> 'body' from frozen), 'Hi Maria', 'the worker is told');
select results_eq($$ select m.body, m.status from public.messages m join frozen on m.id = (f ->> 'message_id')::uuid $$, $$ values ('Hi Maria', 'queued') $$, 'the message is there');
select is((select a.body_sha256 from public.send_attempts a join claimed using (id)), sha256('Hi Maria'), 'and the attempt holds what was sent');
select is((select f ->> 'body' from worker.freeze('w1', (select jsonb_build_array(jsonb_build_object('attempt_id', id, 'body', 'Other')) from claimed)) f), 'Hi Maria', 'other words come too late');

select * from finish();
rollback;
