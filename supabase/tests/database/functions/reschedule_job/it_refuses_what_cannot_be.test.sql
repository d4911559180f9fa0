begin;
select plan(5);
select tests.build_world();

create temp table job as select tests.enqueued_id(jsonb_build_object('send_before', now() + interval '2 hours')) as id;
select throws_ok(format('select public.reschedule_job(%L, %L, %L)', tests.id('rival'), id, now()), 'TL001', null, 'of another organization') from job;
select throws_ok(format('select public.reschedule_job(%L, %L, null)', tests.id('acme'), id), 'TL112', null, 'no time') from job;
select throws_ok(format('select public.reschedule_job(%L, %L, %L)', tests.id('acme'), id, now() + interval '3 hours'), 'TL112', null, 'after its last moment') from job;
select throws_ok(format('select public.reschedule_job(%L, %L, %L)', tests.id('acme'), id, now() + interval '2 years'), 'TL112', null, 'too far ahead') from job;
create temp table claimed as select c from tests.claim() c;
select throws_ok(format('select public.reschedule_job(%L, %L, %L)', tests.id('acme'), id, now()), 'TL114', null, 'once it is on its way') from job;

select * from finish();
rollback;
