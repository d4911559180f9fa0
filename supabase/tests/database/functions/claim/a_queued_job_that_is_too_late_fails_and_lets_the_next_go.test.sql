begin;
select plan(3);
select tests.build_world();

create temp table jobs as
  select tests.enqueued_id('{"body": "First"}') as first, tests.enqueued_id('{"body": "Second"}') as second;
update public.message_jobs set send_before = now() - interval '1 second' where id = (select first from jobs);
select is_empty($$ select tests.claim() $$, 'it does not leave');
select is((select tests.job_place(first) from jobs), 'failed', 'it is over');
select results_eq($$ select c ->> 'body' from tests.claim() c $$, array['Second'], 'and nobody waits for it');

select * from finish();
rollback;
