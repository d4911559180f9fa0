begin;
select plan(3);
select tests.build_world();

insert into public.provider_accounts (organization_id, provider, account_ref, credentials_ref) values (tests.id('rival'), 'twilio', 'AC-acme', 'demo');

select is(tests.inbound() ->> 'outcome', 'processed', 'a number of one goes to that one');
select is((select m.organization_id from public.messages m where m.provider_message_id = 'IN1'), tests.id('acme'), 'as it holds the number');
select tests.inbound('{"to": "+12125550177", "event_key": "IN2"}') as lost into temp table lost;
select is((select w.organization_id from public.webhook_events w where w.event_key = 'IN2'), null, 'a number of neither is shown to neither');

select * from finish();
rollback;
