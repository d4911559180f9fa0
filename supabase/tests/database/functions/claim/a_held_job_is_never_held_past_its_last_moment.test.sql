begin;
select plan(2);
select tests.build_world();

update public.provider_accounts set daily_cap = 0 where id = tests.id('acme account');
create temp table job as select tests.enqueued_id(jsonb_build_object('send_before', now() + interval '1 second')) as id;
select is_empty($$ select tests.claim() $$, 'nothing may leave today');
select ok((select due_at = send_before from public.message_jobs join job using (id)), 'it wakes when it is too late, and ends then');

select * from finish();
rollback;
