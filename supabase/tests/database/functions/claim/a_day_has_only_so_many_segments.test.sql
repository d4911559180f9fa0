begin;
select plan(5);
select tests.build_world();

update public.phone_numbers set daily_cap = 3 where id = tests.id('acme number');
create temp table jobs as select n, tests.enqueued_id(jsonb_build_object('to', '+1415555010' || n)) as id from generate_series(0, 4) n;
select is((select count(*)::integer from tests.claim()), 3, 'no more than the cap, in one claim either');
select results_eq($$ select tests.job_place(id) from jobs order by n offset 3 $$, array['held limit', 'held limit'], 'the rest waits');
select ok((select bool_and(j.due_at = (private.carrier_day(now()) + 1)::timestamp at time zone 'America/Los_Angeles') from public.message_jobs j where j.status = 'held'),
  'for midnight where carriers count');
delete from private.daily_usage;
update public.message_jobs set due_at = now() where status = 'held';
select is((select count(*)::integer from tests.claim()) + (select count(*)::integer from tests.claim()), 2, 'on another day it goes');
select is((select segments from private.daily_usage where subject_id = tests.id('acme number')), 2, 'and is counted');

select * from finish();
rollback;
