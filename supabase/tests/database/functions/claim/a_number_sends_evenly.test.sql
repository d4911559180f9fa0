begin;
select plan(3);
select tests.build_world();

select tests.limit_acme(10);
create temp table jobs as select tests.enqueued_id(jsonb_build_object('to', '+1415555010' || n)) as id from generate_series(0, 4) n;
create temp table claimed as select (c ->> 'send_after_ms')::integer as ms from tests.claim() c;
select results_eq($$ select ms - lag(ms) over (order by ms) between 99 and 101 from claimed order by ms offset 1 $$, array[true, true, true, true], 'ten a second are a tenth of a second apart');
select ok((select min(ms) = 0 from claimed), 'the first at once');
select tests.enqueued_id('{"to": "+14155550111"}') as id into temp table next;
select ok((select (c ->> 'send_after_ms')::integer between 1 and 500 from tests.claim() c), 'and the next claim goes on where the last one ended');

select * from finish();
rollback;
