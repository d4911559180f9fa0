begin;
select plan(9);
select tests.build_world();
-- Those of the world itself are no part of this.
delete from public.message_jobs;

create temp table job as select tests.enqueued_id('{"to": "+14155550110"}') as id;
select tests.accept(tests.claimed_attempt(), 'SM1');
select tests.age_attempts('20 minutes');
select tests.missing_reports();
create temp table attempt as select id from public.send_attempts;
create function pg_temp.answer(p_result jsonb) returns text
language sql volatile
as $$ select worker.resolve_missing_report(id, p_result) from attempt; $$;
create function pg_temp.wait() returns interval
language sql volatile
as $$
  select justify_hours(date_trunc('minute', m.look_up_after - a.started_at + interval '30 seconds'))
  from private.missing_reports m join public.send_attempts a on a.id = m.attempt_id;
$$;
select is(pg_temp.answer('{"kind": "failed", "retry_after_seconds": 7200}'), 'later', 'a carrier that does not answer');
select is(pg_temp.wait(), '2 hours 20 minutes', 'is asked later, as it wishes');
select is((select look_ups::integer from private.missing_reports), 0, 'which does not count');
create temp table waits as
select pg_temp.answer('{"kind": "known", "status": "sent", "provider_status": "sent"}') as answer, pg_temp.wait() as wait
from generate_series(1, 4);
select results_eq('select distinct answer from waits', array['later'], 'one that says "sent" again and again');
select results_eq('select wait from waits order by 1', '{1 hour,6 hours,1 day,3 days}'::interval[], 'is asked less and less often');
select is(pg_temp.answer('{"kind": "known", "status": "sent", "provider_status": "sent"}'), 'given_up', 'and then no more');
select is((select tests.job_place(id) from job), 'sent', 'the message stays sent');
insert into private.missing_reports select id, tests.id('acme account'), now() from attempt;
select is(pg_temp.answer('{"kind": "gone"}'), 'given_up', 'nor is one that has forgotten the message');
select is_empty('select from private.missing_reports', 'asked again');

select * from finish();
rollback;
