begin;
select plan(10);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
select is((select tests.whereabouts(id) from job), 'at_carrier, scheduled at the carrier', 'both say so');
select is((select m.carrier_holds_until from public.messages m join public.message_jobs j on j.message_id = m.id join job on j.id = job.id),
  now() + interval '2 hours', 'and until when');
select is((select decision #>> '{carrier,holds_until}' is not null from public.message_jobs join job using (id)), true, 'the job says why it waits');
select is((select count(*)::integer from pgmq.q_sms_queue), 0, 'no queue is burdened');
select is((select count(*)::integer from tests.claim()), 0, 'nobody sends it meanwhile');
select throws_ok($$ insert into public.send_attempts (organization_id, job_id, provider_account_id, sender, recipient, worker_id, lease_expires_at)
  select organization_id, id, tests.id('acme account'), 'x', recipient, 'w', now() from public.message_jobs join job using (id) $$,
  '23505', null, 'and nobody could');
select tests.enqueued_id('{"body": "Next"}') as id into temp table next;
select is((select c ->> 'body' from tests.claim() c), 'Next', 'the thread goes on');
select is((select r ->> 'outcome' from job, tests.report(jsonb_build_object('provider_message_id', 'SM1', 'status', 'sent', 'provider_status', 'sent')) r), 'processed', 'when its time has come the carrier reports');
select is((select tests.whereabouts(id) from job), 'sent, sent', 'and it was sent');
select tests.report('{"provider_message_id": "SM1", "status": "delivered"}') as r into temp table delivered;
select is((select tests.whereabouts(id) from job), 'delivered, delivered', 'and delivered');

select * from finish();
rollback;
