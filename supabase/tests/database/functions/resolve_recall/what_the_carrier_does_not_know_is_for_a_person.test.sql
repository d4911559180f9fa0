begin;
select plan(7);
select tests.build_world();

update public.organizations set resend_unconfirmed = '{urgent}' where id = tests.id('acme');
create temp table job as select tests.at_carrier() as id;
select public.reschedule_job(tests.id('acme'), id, now() + interval '1 day') as r into temp table moved from job;
select is(tests.resolve_recall('{"kind": "not_found", "http_status": 404}'), 'unconfirmed', 'no such message');
select is((select tests.whereabouts(id) from job), 'unknown, unknown', 'it may go or not');
select is((select error_code from public.messages where id = (select message_id from public.message_jobs join job using (id))), 'recall_not_confirmed', 'and says so');
select is((select count(*)::integer from public.alerts where kind = 'send_unconfirmed' and closed_at is null), 1, 'a person is asked');
select is((select private.asks_a_person(j) from public.message_jobs j join job using (id)), true, 'among the others that wait for a word');
select is((select count(*)::integer from tests.claim()), 0, 'it does not move, and no policy sends again what was to be taken back');
select tests.report('{"provider_message_id": "SM1", "status": "delivered"}') as r into temp table told;
select is((select tests.whereabouts(id) from job), 'delivered, delivered', 'a report still tells');

select * from finish();
rollback;
