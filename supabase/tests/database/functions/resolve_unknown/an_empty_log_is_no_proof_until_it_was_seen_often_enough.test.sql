begin;
select plan(5);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": "Was it sent?"}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, (c ->> 'message_id')::uuid as message_id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;

select is((select worker.resolve_unknown(id, '{"kind": "none"}') from claimed), 'later', 'not at first');
update public.send_attempts set look_ups = 3 where state = 'unknown';
select is((select worker.resolve_unknown(id, '{"kind": "none"}') from claimed), 'later', 'not after three looks in a moment');
update public.send_attempts set started_at = now() - interval '16 minutes' where state = 'unknown';
select is((select worker.resolve_unknown(id, '{"kind": "none"}') from claimed), 'unconfirmed', 'after a quarter of an hour a person is asked');
select is((select tests.job_place(id) from job), 'unknown', 'and nobody sends it again');
select is((select count(*)::integer from public.alerts where kind = 'send_unconfirmed' and closed_at is null), 1, 'the alert says so');

select * from finish();
rollback;
