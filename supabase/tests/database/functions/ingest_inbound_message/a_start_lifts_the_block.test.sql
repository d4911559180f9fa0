begin;
select plan(5);
select tests.build_world();

select tests.inbound('{"intent": "stop"}') as stopped into temp table stopped;
select is(tests.inbound('{"intent": "start", "event_key": "IN2", "provider_message_id": "IN2"}') ->> 'outcome', 'processed', 'received');

select results_eq(
  $$ select d.sms_blocked, d.source from public.dnc_entries d where d.organization_id = tests.id('acme') and d.phone_number = '+13125550142' $$,
  $$ values (false, 'restart') $$, 'the entry stays, the block is gone'
);
select is(tests.send('Welcome back') ->> 'status', 'queued', 'texts go again');
select results_eq(
  $$ select e.sms_blocked from public.dnc_events e where e.phone_number = '+13125550142' order by e.sequence $$, array[true, false], 'both are on record'
);
select set_eq($$ select p ->> 'opted_out' from tests.broadcasts('opt_out_changed') p $$, array['true', 'false'], 'the inbox hears of both');

select * from finish();
rollback;
