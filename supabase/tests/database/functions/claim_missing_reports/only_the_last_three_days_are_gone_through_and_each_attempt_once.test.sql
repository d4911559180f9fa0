begin;
select plan(4);
select tests.build_world();
-- Those of the world itself are no part of this.
delete from public.message_jobs;

select tests.enqueued_id('{"to": "+14155550110"}'), tests.enqueued_id('{"to": "+14155550111"}'), tests.enqueued_id('{"to": "+14155550112"}');
select tests.accept((c ->> 'attempt_id')::uuid, 'SM' || right(c ->> 'to', 1)) from tests.claim() c;
select tests.age_attempts('80 hours');
select is(private.note_missing_reports(10), 0, 'what is older is left as it is');
select tests.age_attempts('2 days');
select is(private.note_missing_reports(2), 2, 'the others in steps');
select is(private.note_missing_reports(2), 1, 'to the end');
select is(private.note_missing_reports(2), 0, 'and never again');

select * from finish();
rollback;
