begin;
select plan(2);
select tests.build_world();

select throws_ok(
  'insert into public.message_jobs (organization_id, thread_id, phone_number_id, recipient, body, queue_name, status) values ('
    || concat_ws(', ', quote_literal(tests.id('acme')), quote_literal(tests.id('acme thread')), quote_literal(tests.id('acme number')),
      quote_literal('+13125550142'), quote_literal('x'), quote_literal('sms_queue'), quote_literal(s)) || ')',
  'TL117', null, s
)
from unnest(array['processing', 'sent']) s;

select * from finish();
rollback;
