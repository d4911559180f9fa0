begin;
select plan(6);
select tests.build_world();

select tests.add_thread('thread ' || n, '+1415555' || to_char(1000 + n, 'FM0000')) as id into temp table added from generate_series(1, 26) n;
create temp table draft as
select t.id as thread_id, t.organization_id, a.provider_account_id, null::uuid as author_id
from public.threads t join public.phone_numbers a on a.id = t.phone_number_id where t.id in (select tests.id('thread ' || n) from generate_series(1, 26) n);
update draft set author_id = tests.id('agent') where thread_id = tests.id('thread 1');
delete from realtime.messages;

insert into public.messages (organization_id, thread_id, sequence, direction, body, status, author_id, provider_account_id)
select d.organization_id, d.thread_id, 1, 'outbound', 'Sale', 'queued', d.author_id, d.provider_account_id from draft d;
select results_eq(
  $$ select m.topic, m.event, coalesce(m.payload #>> '{message,author_name}', m.payload ->> 'resync') from realtime.messages m order by m.topic $$,
  $$ values
    ('org:' || tests.id('acme') || ':inbox', 'threads_changed', 'true'),
    ('org:' || tests.id('acme') || ':thread:' || tests.id('thread 1'), 'message_created', 'Agent') $$,
  'when it is written'
);
delete from realtime.messages;
update public.messages m set status = 'sent' where m.body = 'Sale';
select results_eq(
  $$ select m.topic, m.event, coalesce(m.payload #>> '{message,author_name}', m.payload ->> 'resync') from realtime.messages m order by m.topic $$,
  $$ values
    ('org:' || tests.id('acme') || ':inbox', 'threads_changed', 'true'),
    ('org:' || tests.id('acme') || ':thread:' || tests.id('thread 1'), 'message_changed', 'Agent') $$,
  'and when it was sent'
);
delete from realtime.messages;
update public.messages m set status = 'delivered' where m.thread_id = tests.id('thread 2');
select results_eq(
  $$ select m.topic from realtime.messages m $$, $$ values ('org:' || tests.id('acme') || ':thread:' || tests.id('thread 2')) $$,
  'what is reported one by one is told one by one'
);
delete from realtime.messages;
update public.messages m set status = 'delivered' where m.thread_id in (select tests.id('thread ' || n) from generate_series(2, 26) n);
select is((select count(*) from realtime.messages m where m.event = 'message_changed'), 24::bigint, 'and so are twenty-five, those that changed');
select is((select count(*) from realtime.messages m where m.event <> 'message_changed'), 0::bigint, 'without a hint to the list');
delete from realtime.messages;
update public.messages m set updated_at = now() where m.body = 'Sale' and m.thread_id <> tests.id('thread 1');
select is((select count(*) from realtime.messages m), 0::bigint, 'a change nobody sees is told to nobody');

select * from finish();
rollback;
