begin;
select plan(2);
select tests.build_world();

select tests.inbound() as received into temp table received;

select is(
  (select m.sequence from public.messages m where m.thread_id = tests.id('acme thread') and m.provider_message_id = 'IN1'), 3, 'the next place of the thread there is'
);
select is((select count(*) from public.contacts c where c.organization_id = tests.id('acme')), 1::bigint, 'no second contact');

select * from finish();
rollback;
