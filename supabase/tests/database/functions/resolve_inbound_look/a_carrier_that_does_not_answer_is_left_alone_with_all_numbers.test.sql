begin;
select plan(5);
select tests.build_world();

select tests.age_number('10 days', '20 minutes');
insert into public.phone_numbers (id, organization_id, provider_account_id, phone_number)
values (tests.id('second number'), tests.id('acme'), tests.id('acme account'), '+12125550101');
insert into private.inbound_looks (phone_number_id, read_until, look_after, look_back_after)
select tests.id(n), now(), now(), now() from unnest('{second number,rival number}'::text[]) n;
select tests.resolve_look('{"kind": "failed", "retry_after_seconds": 1200}');
select is(tests.next_look(), 20, 'for as long as it asks for');
select is(tests.next_look('second number'), 20, 'with all of the account''s numbers');
select is(tests.next_look('rival number'), 0, 'and no others');
select tests.resolve_look('{"kind": "failed", "retry_after_seconds": null}');
select is(tests.next_look(), 1, 'or for a minute');
select is((select round(extract(epoch from clock_timestamp() - l.read_until) / 60)::integer from private.inbound_looks l
  where l.phone_number_id = tests.id('acme number')), 20, 'and looked into from the same moment');

select * from finish();
rollback;
