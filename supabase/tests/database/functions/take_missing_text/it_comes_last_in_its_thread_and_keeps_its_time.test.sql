begin;
select plan(6);
select tests.build_world();

select tests.age_number('10 days');
update public.threads set status = 'closed', last_message_at = now() - interval '1 minute' where id = tests.id('acme thread');
update public.contacts set last_contact_at = now() - interval '1 minute' where id = tests.id('acme contact');
select tests.found_text('3 hours') as r into temp table taken;
select results_eq(
  $$ select m.sequence, round(extract(epoch from now() - m.created_at) / 60) from public.messages m where m.provider_message_id = 'LOG1' $$,
  $$ values (3, 180.0) $$, 'below what people have read already, with the time at which it was sent'
);
select is(t.status, 'open', 'the thread is open again') from public.threads t where t.id = tests.id('acme thread');
select ok(t.last_message_at >= now(), 'and on top of the inbox, since it is news') from public.threads t where t.id = tests.id('acme thread');
select ok(c.last_contact_at > now() - interval '2 minutes', 'the last contact was a later one') from public.contacts c where c.id = tests.id('acme contact');
select is(tests.found_text('-1 hour', '{"event_key": "LOG2"}') ->> 'outcome', 'processed', 'a carrier whose clock is ahead');
select ok(m.created_at <= clock_timestamp(), 'writes nothing in the future') from public.messages m where m.provider_message_id = 'LOG2';

select * from finish();
rollback;
