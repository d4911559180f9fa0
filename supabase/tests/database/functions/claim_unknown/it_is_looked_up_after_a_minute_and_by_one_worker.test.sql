begin;
select plan(3);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": "Was it sent?"}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, (c ->> 'message_id')::uuid as message_id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;

select is_empty($$ select worker.claim_unknown('w1', 10, 60) $$, 'a callback may come first');
update public.send_attempts set look_up_after = now() where state = 'unknown';
select results_eq($$ select u ->> 'attempt_id', u ->> 'body', u ->> 'to' from worker.claim_unknown('w1', 10, 60) u $$,
  $$ select id::text, 'Was it sent?', '+14155550123' from claimed $$, 'then with all that is needed to find it');
select is_empty($$ select worker.claim_unknown('w2', 10, 60) $$, 'and not by another at once');

select * from finish();
rollback;
