begin;
select plan(2);
select tests.build_world();

insert into public.phone_numbers (id, organization_id, provider_account_id, phone_number)
values (tests.id('second number'), tests.id('acme'), tests.id('acme account'), '+12125550101');
insert into public.threads (id, organization_id, contact_id, phone_number_id)
values (tests.id('second thread'), tests.id('acme'), tests.id('acme contact'), tests.id('second number'));
select tests.sent_id('From the other number', 'second thread') as id into temp table sent;
select tests.inbound('{"body": "STOP", "intent": "stop"}') as stopped into temp table stopped;

select is(tests.message_status((select id from sent)), 'cancelled', 'whichever of our numbers it was said to');
select is(
  tests.try_as('agent', format('select public.send_message(%L, ''Hi'', gen_random_uuid())', tests.id('second thread'))), 'TL103', 'none may be used'
);

select * from finish();
rollback;
