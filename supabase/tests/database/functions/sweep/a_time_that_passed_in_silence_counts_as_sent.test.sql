begin;
select plan(5);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
create temp table wanted as select tests.at_carrier('{"to": "+14155550124"}', 'SM2') as id;
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled from wanted;
select worker.sweep() as r into temp table early;
select is((select tests.whereabouts(id) from job), 'at_carrier, scheduled at the carrier', 'not before its time');
update public.message_jobs set due_at = now() where status = 'at_carrier';
select worker.sweep() as r into temp table swept;
select is((select tests.whereabouts(id) from job), 'sent, sent', 'the carrier took it, and its time has passed');
select is((select count(*)::integer from public.message_events where provider_status = 'carrier_time_passed'), 1, 'which is how it is known');
select is((select tests.whereabouts(id) from wanted), 'at_carrier, scheduled at the carrier', 'what somebody wants back is asked for');
select tests.report('{"provider_message_id": "SM1", "status": "delivered"}') as r into temp table told;
select is((select tests.whereabouts(id) from job), 'delivered, delivered', 'a late report still counts');

select * from finish();
rollback;
