begin;
select plan(6);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled from job;
select count(*) as n into temp table claimed from tests.claim_recalls();
select is(tests.resolve_recall('{"kind": "failed", "http_status": 429, "error_code": "throttled", "retry_after_seconds": 90}'), 'later', 'throttled');
select ok((select try_after between now() + interval '89 seconds' and now() + interval '3 minutes' from public.carrier_recalls join job on job_id = job.id), 'as long as the carrier asks');
select is((select tests.whereabouts(id) from job), 'at_carrier, scheduled at the carrier', 'it is still there');
update public.send_attempts set send_at = now() - interval '25 hours' where state = 'accepted' and job_id = (select id from job);
select is(tests.resolve_recall('{"kind": "failed"}'), 'unconfirmed', 'a day after its time a person decides');
select is((select tests.whereabouts(id) from job), 'unknown, unknown', 'for nobody knows');
select is((select tests.value_as('admin', format('select public.decide_unknown(%L, ''not_sent'')', id))::jsonb ->> 'status' from job), 'failed', 'as of any other in doubt');

select * from finish();
rollback;
