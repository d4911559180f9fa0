begin;
select plan(7);
select tests.build_world();

select tests.add_thread('other thread', '+14155550123') as id into temp table other;
create temp table sent as
  select tests.sent_id('One') as one, tests.sent_id('Two') as two, tests.sent_id('Three') as three, tests.sent_id('Other', 'other thread') as other;

create temp table first as select c from tests.claim() c;
select set_eq($$ select c ->> 'body' from first $$, array['One', 'Other'], 'the first of each thread');
select is((select tests.queue_state(two) || ' ' || tests.queue_state(three) from sent), 'gone gone', 'the others are not on the queue yet');
select is_empty($$ select tests.claim() $$, 'and cannot be claimed');
select tests.accept((c ->> 'attempt_id')::uuid, 'SM1') as accepted into temp table accepted from first where c ->> 'body' = 'One';
select is((select tests.queue_state(two) || ' ' || tests.queue_state(three) from sent), 'visible gone', 'the end of one admits the next, and no more');
create temp table second as select c from tests.claim() c;
select results_eq($$ select c ->> 'body' from second $$, array['Two'], 'which is the second');
select tests.complete((c ->> 'attempt_id')::uuid, '{"outcome": "unknown"}') as lost into temp table lost from second;
select is((select tests.queue_state(three) from sent), 'visible', 'an unknown end is an end for those behind');
select results_eq($$ select c ->> 'body' from tests.claim() c $$, array['Three'], 'then the third');

select * from finish();
rollback;
