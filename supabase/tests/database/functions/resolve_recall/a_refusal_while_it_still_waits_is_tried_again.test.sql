begin;
select plan(3);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled from job;
select is(tests.resolve_recall('{"kind": "too_late", "status": "sent", "provider_status": "scheduled"}'), 'later', 'there is time left');
update public.send_attempts set send_at = now() + interval '30 seconds' where state = 'accepted' and job_id = (select id from job);
select is(tests.resolve_recall('{"kind": "too_late", "status": "sent", "provider_status": "scheduled"}'), 'too_late', 'in the last minute there is not');
select is((select tests.whereabouts(id) from job), 'sent, sent', 'and it goes');

select * from finish();
rollback;
