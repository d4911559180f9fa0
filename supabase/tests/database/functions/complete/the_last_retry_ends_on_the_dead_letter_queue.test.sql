begin;
select plan(5);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
do $$
begin
  for i in 1..7 loop
    perform tests.complete(tests.claimed_attempt(), '{"outcome": "not_sent", "error_class": "retryable", "error_code": "x", "error_text": "Unreachable"}');
    update pgmq.q_sms_priority_queue set vt = clock_timestamp();
  end loop;
end;
$$;

select is((select count(*) from public.send_attempts a where a.message_id = (select id from sent)), 7::bigint, 'one try and six more');
select is(tests.message_status((select id from sent)) || ' ' || tests.job_status((select id from sent)), 'failed dead', 'then it is over');
select is(tests.queue_state((select id from sent)), 'gone', 'off its queue');
select results_eq(
  $$ select q.message ->> 'job_id' from pgmq.q_sms_dead_letter q $$,
  $$ select j.id::text from public.message_jobs j where j.message_id = (select id from sent) $$, 'and on the one for people'
);
select is((select m.error_text from public.messages m where m.id = (select id from sent)), 'Unreachable', 'the message says why');

select * from finish();
rollback;
