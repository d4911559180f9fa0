begin;
select plan(3);
select tests.build_world();

select tests.add_thread('thread ' || n, '+1415555010' || n) as id into temp table threads from generate_series(1, 3) n;
select tests.sent_id('Message', 'thread ' || n) as id into temp table sent from generate_series(1, 3) n;
create temp table claimed as select c, row_number() over () as n from tests.claim() c;

select is(
  tests.value_as('worker', format('select worker.complete(''w1'', %L)', (
    select jsonb_agg(jsonb_build_object('attempt_id', c ->> 'attempt_id') || o) from claimed
    join (values
      (1, jsonb '{"outcome": "accepted", "provider_message_id": "SM1"}'), (2, '{"outcome": "later"}'),
      (3, '{"outcome": "not_sent", "error_class": "permanent"}')
    ) as v (n, o) using (n)
  ))), '3', 'three outcomes, one call'
);
select set_eq($$ select tests.job_status(id) from sent $$, array['sent', 'queued', 'failed'], 'each its own end');
select is((select count(*) from tests.broadcasts('message_changed')), 2::bigint, 'announced for those that changed');

select * from finish();
rollback;
