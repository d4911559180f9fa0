begin;
select plan(3);
select tests.build_world();

update public.organizations set agent_sends_per_minute = 1 where id = tests.id('acme');
create temp table first as select tests.send('One') as m;
create temp table second as select tests.send('Two') as m;
create temp table third as select tests.send('Three', p_who => 'second agent') as m;
select is((select third.m ->> 'delayed_until' from third), (select second.m ->> 'delayed_until' from second), 'a colleague''s next words wait with them');
update public.message_jobs set due_at = now() - interval '1 second' where status = 'scheduled';
select tests.accept((c ->> 'attempt_id')::uuid, 'SM1') as done into temp table done from tests.claim() c;
select results_eq($$ select c ->> 'body' from tests.claim() c $$, array['Two'], 'and go out in the order written');
select is((select tests.job_status((m ->> 'id')::uuid) from third), 'queued', 'one after the other');

select * from finish();
rollback;
