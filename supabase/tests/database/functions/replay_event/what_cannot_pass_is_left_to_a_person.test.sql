begin;
select plan(2);
select tests.build_world();

select is(tests.inbound('{"to": "+12125550199"}') ->> 'reason', 'unknown_number', 'a number we do not know');
select is((select w.try_again_at from public.webhook_events w where w.event_key = 'IN1'), null, 'is not known half a minute later');

select * from finish();
rollback;
