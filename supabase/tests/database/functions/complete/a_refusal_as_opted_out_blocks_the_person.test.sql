begin;
select plan(5);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

create temp table waiting as select tests.sent_id('More') as id;
select tests.complete((select id from attempt), '{"outcome": "not_sent", "error_class": "opted_out", "error_code": "21610", "error_text": "Opted out"}') as done into temp table done;
select is(tests.message_status((select id from sent)) || ' ' || tests.job_status((select id from sent)), 'blocked blocked', 'this message');
select is(tests.message_status((select id from waiting)), 'cancelled', 'those that wait');
select is((select d.source from public.dnc_entries d where d.organization_id = tests.id('acme') and d.phone_number = '+13125550142'), 'carrier', 'as the carrier said');
select is(tests.try_as('agent', format('select public.send_message(%L, ''Hi'', gen_random_uuid())', tests.id('acme thread'))), 'TL103', 'and those to come');
select tests.inbound('{"intent": "start"}') as started into temp table started;
select tests.complete((select id from attempt), '{"outcome": "not_sent", "error_class": "opted_out", "error_code": "21610"}') as done into temp table again;
select is(
  (select d.sms_blocked from public.dnc_entries d where d.organization_id = tests.id('acme') and d.phone_number = '+13125550142'), false,
  'the same report again does not undo a start that came in between'
);

select * from finish();
rollback;
