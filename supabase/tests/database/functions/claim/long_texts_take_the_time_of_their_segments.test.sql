begin;
select plan(1);
select tests.build_world();

select tests.limit_acme(10);
create temp table jobs as select tests.enqueued_id(jsonb_build_object('to', '+1415555010' || n, 'body', repeat('x', 400))) as id from generate_series(0, 1) n;
select results_eq($$ select (c ->> 'send_after_ms')::integer from tests.claim() c $$, array[0, 300], 'three segments, three tenths');

select * from finish();
rollback;
