begin;
select plan(2);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": "Was it sent?"}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, (c ->> 'message_id')::uuid as message_id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;

select is((select worker.resolve_unknown(id, '{"kind": "failed"}') from claimed), 'later', 'the log was out of reach');
update public.send_attempts set started_at = now() - interval '25 hours' where state = 'unknown';
select is((select worker.resolve_unknown(id, '{"kind": "failed"}') from claimed), 'unconfirmed', 'and no longer');

select * from finish();
rollback;
