begin;
select plan(2);
select tests.build_world();

update public.provider_accounts set daily_cap = 0 where id = tests.id('acme account');
create temp table sent as select tests.sent_id('Hello') as id;
select is_empty($$ select tests.claim() $$, 'nothing may leave today');
select is((select tests.message_status(id) || ' ' || tests.job_status(id) from sent), 'held held', 'and the agent sees it');

select * from finish();
rollback;
