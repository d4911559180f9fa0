begin;
select plan(3);
select tests.build_world();

update public.threads set status = 'snoozed', snoozed_until = now() + interval '1 day' where id = tests.id('acme thread');

select tests.send('Hi') as sent into temp table sent;
select is((select t.status from public.threads t where t.id = tests.id('acme thread')), 'snoozed', 'our own words change nothing');
select tests.inbound() as received into temp table received;
select is((select t.status from public.threads t where t.id = tests.id('acme thread')), 'open', 'an answer opens it');
select is((select t.snoozed_until from public.threads t where t.id = tests.id('acme thread')), null, 'and wakes it');

select * from finish();
rollback;
