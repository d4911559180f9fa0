begin;
select plan(3);
select tests.build_world();

insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source) values (tests.id('acme'), '+13125550142', true, 'keyword');

select is(tests.try_as('agent', format('select public.send_message(%L, ''Hi'', %L)', tests.id('acme thread'), tests.id('key'))), 'TL103', 'refused');
select is_empty($$ select from pgmq.q_sms_priority_queue $$, 'nothing is queued');
select is(
  tests.try_as('rival agent', format('select public.send_message(%L, ''Hi'', %L)', tests.id('rival thread'), tests.id('key'))), '1 rows',
  'who opted out of one organization did not opt out of the other'
);

select * from finish();
rollback;
