begin;
select plan(4);
select tests.build_world();

select worker.report_account(tests.id('acme account'), '{"kind": "paused", "reason": "20003", "seconds": 60}')::text as p into temp table first;
select worker.report_account(tests.id('acme account'), '{"kind": "paused", "reason": "20003", "seconds": 30}')::text as p into temp table second;
select results_eq($$ select paused_until > now() + interval '50 seconds', pause_reason from public.provider_accounts where id = tests.id('acme account') $$, $$ values (true, '20003') $$, 'a shorter pause does not shorten it');
select is((select count(*)::integer from public.alerts where kind = 'account_paused'), 1, 'two workers, one alert');
select worker.report_account(tests.id('acme account'), '{"kind": "resumed"}')::text as p into temp table third;
select results_eq($$ select paused_until, pause_reason from public.provider_accounts where id = tests.id('acme account') $$, $$ values (null::timestamptz, null::text) $$, 'resumed');
select is((select count(*)::integer from public.alerts where kind = 'account_paused' and closed_at is null), 0, 'and the alert is closed');

select * from finish();
rollback;
