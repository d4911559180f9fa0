begin;
select plan(2);
select tests.build_world();
-- Those of the world itself are no part of this.
delete from public.message_jobs;

select tests.enqueued_id('{"to": "+14155550110"}');
select tests.complete(tests.claimed_attempt(), '{"outcome": "unknown"}');
select tests.age_attempts('20 minutes');
select is_empty($$ select tests.missing_reports() $$, 'while nobody knows its name at the carrier there is nothing to ask');
select worker.resolve_unknown(id, '{"kind": "found", "provider_message_id": "SM1", "status": "sent"}') from public.send_attempts;
select tests.let_look_ups_come_due();
select results_eq($$ select tests.missing_reports() $$, array['SM1'], 'then there is');

select * from finish();
rollback;
