begin;
select plan(3);
select tests.build_world();

select tests.limit_acme(10000, 2);
create temp table jobs as select tests.enqueued_id(jsonb_build_object('to', '+1415555010' || n)) as id from generate_series(0, 4) n;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select is((select count(*)::integer from claimed), 2, 'two lines, two requests');
select is_empty($$ select tests.claim() $$, 'no more while they are open');
select tests.accept((select id from claimed limit 1), 'SM1') as accepted into temp table accepted;
select is((select count(*)::integer from tests.claim()), 1, 'and one for each that ends');

select * from finish();
rollback;
