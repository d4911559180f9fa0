begin;
select plan(5);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select is(tests.accept((select id from attempt), 'SM1'), 1, 'news');
select results_eq(
  $$ select m.status, m.provider_message_id, m.sent_at is not null, m.error_code from public.messages m where m.id = (select id from sent) $$,
  $$ values ('sent', 'SM1', true, null) $$, 'the carrier took it'
);
select is(tests.job_status((select id from sent)) || ' ' || tests.queue_state((select id from sent)), 'sent gone', 'the job is over');
select is((select a.state from public.send_attempts a where a.id = (select id from attempt)), 'accepted', 'so is the attempt');
select is((select count(*) from public.message_events e where e.attempt_id = (select id from attempt)), 1::bigint, 'on record');

select * from finish();
rollback;
