begin;
select plan(5);
select tests.build_world();

update public.organizations set agent_sends_per_minute = 2 where id = tests.id('acme');
create temp table sent as select n, tests.send('Message ' || n) as m from generate_series(1, 4) n;
select results_eq($$ select m ->> 'status' from sent order by n $$, array['queued', 'queued', 'queued', 'queued'], 'every one of them');
select results_eq($$ select m ->> 'delayed_until' is not null from sent order by n $$, array[false, false, true, true], 'and it says which wait');
select results_eq($$ select extract(epoch from (m ->> 'delayed_until')::timestamptz - now())::integer from sent where n > 2 order by n $$, array[30, 60], 'as long as the pace asks');
select results_eq($$ select tests.job_status((m ->> 'id')::uuid) from sent order by n $$, array['queued', 'queued', 'scheduled', 'scheduled'], 'their jobs wait for their time');
select tests.add_thread('other thread', '+14155550123') as id into temp table other;
select is(tests.send('From a colleague', p_who => 'second agent', p_thread => 'other thread') ->> 'delayed_until', null, 'and nobody else waits for it');

select * from finish();
rollback;
