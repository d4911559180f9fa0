begin;
select plan(8);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
select tests.inbound('{"from": "+14155550123", "body": "STOP", "intent": "stop"}') as r into temp table stopped;
select is(tests.resolve_recall('{"kind": "too_late", "status": "delivered", "provider_status": "delivered", "error_code": "30409"}'), 'too_late', 'it had gone');
select is((select tests.whereabouts(id) from job), 'delivered, delivered', 'it says what happened');
select results_eq($$ select error_code, error_text from public.messages where id = (select message_id from public.message_jobs join job using (id)) $$,
  $$ values ('too_late_to_cancel', 'It was too late to cancel this message: the carrier sent it') $$, 'in the thread');
select results_eq($$ select severity, subject_id from public.alerts where kind = 'recall_too_late' $$, $$ select 'critical', id::text from job $$, 'among the alerts');
select is((select details ->> 'reason' from public.audit_logs where action = 'recall_too_late'), 'opted_out', 'and in the audit log');
select is((select state from public.carrier_recalls join job on job_id = job.id), 'too_late', 'the wish is closed');
create temp table other as select tests.at_carrier('{"to": "+14155550124"}', 'SM2') as id;
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled from other;
select is(tests.resolve_recall('{"kind": "too_late", "status": "failed"}'), 'too_late', 'what the carrier failed');
select is((select count(*)::integer from public.alerts a join other on a.subject_id = other.id::text), 0, 'did not go out: nobody need be told');

select * from finish();
rollback;
