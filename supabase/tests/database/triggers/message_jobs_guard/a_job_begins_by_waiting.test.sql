begin;
select plan(2);
select tests.build_world();

select throws_ok(format($$ insert into public.message_jobs (organization_id, thread_id, phone_number_id, recipient, body, queue_name, status)
  values (%L, %L, %L, '+13125550142', 'x', 'sms_queue', %L) $$, tests.id('acme'), tests.id('acme thread'), tests.id('acme number'), s), 'TL117', null, s)
from unnest(array['processing', 'sent']) s;

select * from finish();
rollback;
