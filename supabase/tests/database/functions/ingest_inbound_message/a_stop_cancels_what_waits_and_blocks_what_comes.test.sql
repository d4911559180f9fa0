begin;
select plan(8);
select tests.build_world();

select tests.send('One') as a, tests.send('Two') as b into temp table sent;
select is(tests.inbound('{"body": "STOP", "intent": "stop"}') ->> 'outcome', 'processed', 'received');

select results_eq(
  $$ select m.body, m.status, m.error_code from public.messages m where m.thread_id = tests.id('acme thread') and m.sequence > 2 order by m.sequence $$,
  $$ values ('One', 'cancelled', 'TL103'), ('Two', 'cancelled', 'TL103'), ('STOP', 'received', null) $$, 'everything that waited is cancelled'
);
select is_empty($$ select from pgmq.q_sms_priority_queue $$, 'and off the queue');
select results_eq(
  $$ select d.sms_blocked, d.source, d.evidence_id = m.id from public.dnc_entries d, public.messages m
    where d.organization_id = tests.id('acme') and d.phone_number = '+13125550142' and m.body = 'STOP' $$,
  $$ values (true, 'keyword', true) $$, 'the block names the message that asked for it'
);
select is(
  tests.try_as('agent', format('select public.send_message(%L, ''Three'', gen_random_uuid())', tests.id('acme thread'))), 'TL103', 'nothing more is taken'
);
select is(tests.message_status(tests.id('acme outbound')), 'sent', 'what was sent before stays sent');
select is((select p ->> 'opted_out' from tests.broadcasts('opt_out_changed') p), 'true', 'the inbox hears of it');
select is_empty($$ select from public.dnc_entries d where d.organization_id = tests.id('rival') and d.phone_number = '+13125550142' $$, 'the rival''s customer stays theirs');

select * from finish();
rollback;
