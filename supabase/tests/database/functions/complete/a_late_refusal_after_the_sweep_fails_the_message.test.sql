begin;
select plan(3);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.let_leases_run_out();
select tests.value_as('worker', 'select worker.sweep()') as swept into temp table swept;
select is(tests.complete((select id from attempt), '{"outcome": "later", "error_code": "20429", "error_text": "Too many"}'), 1, 'it never left, for certain');
select is(
  tests.message_status((select id from sent)) || ' ' || tests.job_status((select id from sent)), 'failed failed',
  'those behind it went on, so it is shown as failed rather than sent out of order'
);
select is_empty($$ select tests.claim() $$, 'and not sent again by itself');

select * from finish();
rollback;
