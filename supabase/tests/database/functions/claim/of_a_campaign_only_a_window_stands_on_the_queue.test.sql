begin;
select plan(4);
select tests.build_world();

select tests.limit_acme(2);
create temp table jobs as select n, tests.enqueued_id(jsonb_build_object('to', '+141555501' || n)) as id from generate_series(10, 29) n;
select is((select count(*)::integer from jobs where tests.job_place(id) = 'queued on its queue'), 6, 'three seconds'' worth');
select is((select max(n) from jobs where tests.job_place(id) = 'queued on its queue'), 15, 'those that came first');
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim(2) c;
select tests.accept(id, 'SM' || id) as accepted into temp table accepted from claimed;
select is((select max(n) from jobs where tests.job_place(id) = 'queued on its queue'), 17, 'for each that ends another one is let in');
select tests.sent_id('Hello') as id into temp table sent;
select is((select tests.queue_state(id) from sent), 'visible', 'and what a person writes does not wait for that');

select * from finish();
rollback;
