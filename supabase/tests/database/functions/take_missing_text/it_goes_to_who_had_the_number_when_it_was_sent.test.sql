begin;
select plan(6);
select tests.build_world();

-- Both organizations have the carrier's account; the number was acme's, then nobody's, and is rival's now.
update public.provider_accounts set account_ref = 'AC-shared';
update public.phone_numbers set created_at = now() - interval '10 days', released_at = now() - interval '3 days' where id = tests.id('acme number');
insert into public.phone_numbers (id, organization_id, provider_account_id, phone_number, created_at)
values (tests.id('moved number'), tests.id('rival'), tests.id('rival account'), '+12125550100', now() - interval '1 day');
create function pg_temp.holder(p_key text) returns uuid language sql
as $$ select m.organization_id from public.messages m where m.provider_message_id = p_key $$;

select tests.found_text('4 days', '{"event_key": "L1"}');
select is(pg_temp.holder('L1'), tests.id('acme'), 'as long as it was acme''s');
select tests.found_text('2 hours', '{"event_key": "L2"}');
select is(pg_temp.holder('L2'), tests.id('rival'), 'since it is rival''s, whoever''s log it was found in');
select is(tests.found_text('2 days', '{"event_key": "L3"}', 'moved number') ->> 'reason', 'unknown_number', 'to nobody in between');
select results_eq(
  $$ select w.status, w.reason, w.organization_id from public.webhook_events w where w.event_key = 'L3' $$,
  $$ values ('failed', 'unknown_number', null::uuid) $$, 'where it is kept, and shown to neither'
);
select is(tests.found_text('11 days', '{"event_key": "L4"}') ->> 'reason', 'unknown_number', 'nor from before');
select is(tests.try_as('worker', format('select worker.take_missing_text(%L, ''{"sent_at": "2026-01-01"}'')', tests.id('nobody'))), 'TL002', 'a log belongs to a number');

select * from finish();
rollback;
