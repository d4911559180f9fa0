begin;
select plan(6);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": "Was it sent?"}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, (c ->> 'message_id')::uuid as message_id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;

select is(tests.try_as('agent', format('select public.decide_unknown(%L, ''sent'')', id)), 'TL001', 'an agent may not') from job;
select is(tests.try_as('rival owner', format('select public.decide_unknown(%L, ''sent'')', id)), 'TL001', 'nor a rival') from job;
select is(tests.try_as('admin', format('select public.decide_unknown(%L, ''perhaps'')', id)), 'TL002', 'perhaps is no decision') from job;
select is((select tests.value_as('admin', format('select public.decide_unknown(%L, ''sent'')', id))::jsonb ->> 'status' from job), 'sent', 'it was sent');
select is(tests.try_as('admin', format('select public.decide_unknown(%L, ''not_sent'')', id)), 'TL115', 'and that is that') from job;
update public.send_attempts set look_up_after = now();
select is_empty($$ select worker.claim_unknown('w1', 10, 60) $$, 'nobody looks it up any more');

select * from finish();
rollback;
