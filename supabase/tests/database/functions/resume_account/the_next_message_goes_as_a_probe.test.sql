begin;
select plan(8);
select tests.build_world();

create temp table job as select tests.enqueued_id() as id;
do $do$ begin perform worker.report_account(tests.id('acme account'), '{"kind": "paused", "reason": "account_unauthorized", "seconds": 600}'); end $do$;
select is_empty($$ select tests.claim() $$, 'nothing goes while it is paused');
select is(tests.try_as(who, format('select public.resume_account(%L)', tests.id('acme account'))), 'TL001', who || ' may not')
from unnest(array['agent', 'rival owner', 'suspended member']) who;
select is(tests.try_as('admin', format('select public.resume_account(%L)', tests.id('acme account'))), '1 rows', 'an admin may');
select results_eq($$ select (c ->> 'is_probe')::boolean from tests.claim() c $$, array[true], 'one goes first');
select is((select count(*)::integer from public.alerts where kind = 'account_paused' and closed_at is null), 1, 'the alert stays until the account was seen to work');
select is((select count(*)::integer from public.audit_logs where action = 'account_resumed'), 1, 'and it is on record');

select * from finish();
rollback;
