begin;
select plan(6);
select tests.build_world();

create temp table first as select tests.enqueued_id('{"dedupe_window_seconds": 300}') as id;
select is((select r ->> 'code' from tests.enqueue('{"dedupe_window_seconds": 300}') r), 'TL113', 'to the same person');
select is((select r ->> 'outcome' from tests.enqueue('{"dedupe_window_seconds": 300, "to": "+14155550124"}') r), 'accepted', 'to somebody else it is not');
select is((select r ->> 'outcome' from tests.enqueue('{"dedupe_window_seconds": 300, "body": "Hello!"}') r), 'accepted', 'nor are other words');
select results_eq(
  $$ select coalesce(r ->> 'code', r ->> 'outcome')
    from tests.enqueue('{"dedupe_window_seconds": 300, "body": "Bye"}', '{"dedupe_window_seconds": 300, "body": "Bye"}') r $$,
  array['accepted', 'TL113'], 'also within one call'
);
update private.accepted_contents set accepted_at = now() - interval '301 seconds' where job_id = (select id from first);
select is((select r ->> 'outcome' from tests.enqueue('{"dedupe_window_seconds": 300}') r), 'accepted', 'later it may come again');
select public.cancel_jobs(tests.id('acme'), array_agg(j.id)) is not null as cancelled into temp table cancelled
from public.message_jobs j where j.body = 'Bye';
select is((select r ->> 'outcome' from tests.enqueue('{"dedupe_window_seconds": 300, "body": "Bye"}') r), 'accepted', 'and so may what came to nothing');

select * from finish();
rollback;
