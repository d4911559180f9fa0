begin;
select plan(6);
select tests.build_world();
-- Those of the world itself are no part of this.
delete from public.message_jobs;

select tests.enqueued_id('{"to": "+14155550110"}'), tests.enqueued_id('{"to": "+14155550111"}'), tests.enqueued_id('{"to": "+14155550112"}');
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, 'SM' || right(c ->> 'to', 1) as sid from tests.claim() c;
select tests.accept(id, sid) from claimed where sid <> 'SM2';
select tests.complete(id, '{"outcome": "not_sent", "error_class": "permanent"}') from claimed where sid = 'SM2';
select tests.report('{"provider_message_id": "SM1", "status": "delivered"}');
select is_empty($$ select tests.missing_reports() $$, 'not at once: reports take a while');
select tests.age_attempts('14 minutes');
select is_empty($$ select tests.missing_reports() $$, 'nor after fourteen minutes');
select tests.age_attempts('16 minutes');
select results_eq($$ select tests.missing_reports() $$, array['SM0'], 'after a quarter of an hour, what was neither reported nor refused');
select is_empty($$ select tests.missing_reports() $$, 'by one worker at a time');
select tests.let_look_ups_come_due();
select results_eq($$ select tests.missing_reports() $$, array['SM0'], 'and again when that one is not heard of');
select tests.report('{"provider_message_id": "SM0", "status": "delivered"}');
select tests.let_look_ups_come_due();
select is_empty($$ select tests.missing_reports() $$, 'but no more once the report has come');

select * from finish();
rollback;
