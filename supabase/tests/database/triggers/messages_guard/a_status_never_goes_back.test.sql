begin;
select plan(24);
select tests.build_world();

insert into public.messages (id, organization_id, thread_id, sequence, direction, body, status, provider_account_id)
select tests.id(f), tests.id('acme'), tests.id('acme thread'), 10 + n, 'outbound', 'x', f, tests.id('acme account')
from unnest(array['queued', 'unknown', 'sent', 'delivered', 'failed', 'blocked']) with ordinality as v (f, n);

select is(
  tests.try_as('database owner', format('update public.messages set status = %L where id = %L', c.after, tests.id(c.before))),
  case when c.allowed then '1 rows' else 'P0001' end, c.before || ' to ' || c.after
)
from (values
  ('unknown', 'queued', false), ('sent', 'queued', false), ('sent', 'unknown', false), ('delivered', 'sent', false), ('delivered', 'unknown', false),
  ('delivered', 'queued', false), ('delivered', 'failed', false), ('delivered', 'undelivered', false), ('failed', 'delivered', false), ('failed', 'sent', false),
  ('blocked', 'cancelled', false), ('blocked', 'queued', false), ('delivered', 'delivered', true), ('failed', 'failed', true), ('queued', 'held', true),
  ('queued', 'unknown', true), ('unknown', 'unknown', true), ('unknown', 'sent', true), ('sent', 'sent', true)
) as c (before, after, allowed);
select is(tests.message_status(tests.id('queued')), 'unknown', 'forward is the only way');
select is(tests.message_status(tests.id('delivered')), 'delivered', 'what was delivered stays');
select is(tests.message_status(tests.id('failed')), 'failed', 'what failed stays');
select is(tests.message_status(tests.id('blocked')), 'blocked', 'what was blocked stays');
select is(tests.message_status(tests.id('sent')), 'sent', 'what was sent waits for its report');

select * from finish();
rollback;
