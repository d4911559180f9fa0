begin;
select plan(3);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source) values (tests.id('acme'), '+13125550142', true, 'import');

select is_empty($$ select tests.claim() $$, 'however the block came about');
select is(tests.message_status((select id from sent)) || ' ' || tests.job_status((select id from sent)), 'blocked blocked', 'the message is blocked');
select is(
  (select m.error_code || ' ' || tests.queue_state(m.id) from public.messages m where m.id = (select id from sent)), 'TL103 gone', 'says why and is off the queue'
);

select * from finish();
rollback;
