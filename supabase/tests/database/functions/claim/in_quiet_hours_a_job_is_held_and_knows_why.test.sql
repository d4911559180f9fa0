begin;
select plan(4);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"class": "marketing", "send_before": null}') as id;
update public.message_jobs set status = 'queued', hold_reason = null, is_head = true, due_at = now() where id = (select id from job) and status = 'held';
update public.message_jobs set window_until = now() - interval '1 second', created_at = now() where id = (select id from job);
insert into public.quiet_hours_rules (organization_id, message_class, region, weekdays, opens_at, closes_at, version, source, confidence, effective_from)
select tests.id('acme'), 'marketing', '*', '{1,2,3,4,5,6,7}', null, null, 'never', 'test', 'own', current_date - 10;
select private.admit(array[tests.id('acme number')]) as admitted into temp table admitted;
select is_empty($$ select tests.claim() $$, 'it does not leave');
select is((select tests.job_place(id) from job), 'held quiet_hours', 'it waits');
select ok((select decision ? 'rule_version' and decision ? 'zones' from public.message_jobs join job using (id)), 'and tells the rule and the zones');
select ok((select due_at > now() from public.message_jobs join job using (id)), 'until it is asked again');

select * from finish();
rollback;
