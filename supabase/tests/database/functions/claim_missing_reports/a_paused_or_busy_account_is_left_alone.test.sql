begin;
select plan(4);
select tests.build_world();
-- Those of the world itself are no part of this.
delete from public.message_jobs;

select tests.limit_acme(10000, 1);
select tests.enqueued_id('{"to": "+14155550110"}');
select tests.accept(tests.claimed_attempt(), 'SM1');
select tests.age_attempts('20 minutes');
select worker.report_account(tests.id('acme account'), '{"kind": "paused", "reason": "sign-in failed", "seconds": 3600}')::text;
select is_empty($$ select tests.missing_reports() $$, 'not while it is paused');
select worker.report_account(tests.id('acme account'), '{"kind": "resumed"}')::text;
select tests.enqueued_id('{"to": "+14155550111"}');
create temp table sending as select tests.claimed_attempt() as id;
select is_empty($$ select tests.missing_reports() $$, 'nor while sending takes its only line');
select tests.accept(id, 'SM2') from sending;
select results_eq($$ select tests.missing_reports() $$, array['SM1'], 'then it is asked');
select tests.let_look_ups_come_due();
update public.provider_accounts set status = 'disabled' where id = tests.id('acme account');
select is_empty($$ select tests.missing_reports() $$, 'and never when it is out of use');

select * from finish();
rollback;
