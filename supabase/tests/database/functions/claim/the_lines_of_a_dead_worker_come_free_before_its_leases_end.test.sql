begin;
select plan(4);
select tests.build_world();

select tests.limit_acme(10000, 1);
select tests.enqueued_id('{"to": "+14155550110"}'), tests.enqueued_id('{"to": "+14155550111"}');
create temp table first as select tests.claimed_attempt() as id;
select is_empty($$ select tests.claim(1, 'w2') $$, 'the only line is taken');
update public.send_attempts set lease_expires_at = clock_timestamp() + interval '19 seconds';
select isnt_empty($$ select tests.claim(1, 'w2') $$, 'but not by somebody who no longer prolongs');
select is(state, 'submitting', 'whose attempt is still his own') from public.send_attempts where id = (select id from first);
select tests.limit_acme(10000, 2);
select tests.value_as('worker', format('select worker.extend(%L, %L, 30)', 'w1', array[id])) from first;
select tests.enqueued_id('{"to": "+14155550112"}');
select is_empty($$ select tests.claim(1, 'w2') $$, 'and who is heard of again has his line again');

select * from finish();
rollback;
