begin;
select plan(3);
select tests.build_world();

create temp table job as select tests.enqueued_id(jsonb_build_object('class', 'transactional', 'scheduled_for', now() + interval '1 hour')) as id;
update public.message_jobs set created_at = now() - interval '1 day', status = 'held', hold_reason = 'quiet_hours' where id = (select id from job) and status = 'scheduled';
update public.message_jobs set created_at = now() - interval '1 day', due_at = now(), window_until = now() + interval '1 hour' where id = (select id from job);
update public.organizations set quiet_hours_for_transactional = true where id = tests.id('acme');
insert into public.quiet_hours_rules (organization_id, message_class, region, weekdays, opens_at, closes_at, version, source, confidence, effective_from)
select tests.id('acme'), 'transactional', '*', '{1,2,3,4,5,6,7}', null, null, 'never', 'test', 'own', current_date - 10;
select is_empty($$ select tests.claim() $$, 'a rule that is new since binds it');
select is((select tests.job_place(id) from job), 'held quiet_hours', 'it waits on');
select ok((select decision ->> 'rule_version' like '%never%' from public.message_jobs join job using (id)), 'and names the rule');

select * from finish();
rollback;
