begin;
select plan(2);
select tests.build_world();

select tests.send('One') as a, tests.send('Two') as b, tests.inbound('{"body": "Three"}') as c, tests.send('Four') as d into temp table sent;

select results_eq(
  $$ select m.body from public.messages m where m.thread_id = tests.id('acme thread') and m.sequence > 2 order by m.sequence $$,
  array['One', 'Two', 'Three', 'Four'], 'in the order they were said'
);
select is(
  (select max(m.sequence) - count(*) from public.messages m where m.thread_id = tests.id('acme thread')), 0::bigint, 'without a gap'
);

select * from finish();
rollback;
