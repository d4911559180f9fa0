begin;
select plan(9);
select tests.build_world();

create function pg_temp.refuse(p_outcome jsonb) returns text language plpgsql as $$
declare
  v_id uuid := tests.sent_id('Hello ' || p_outcome::text);
begin
  perform tests.complete(tests.claimed_attempt(), p_outcome);
  update pgmq.q_sms_priority_queue set vt = clock_timestamp();
  return tests.message_status(v_id) || ' ' || tests.job_status(v_id) || ' ' || (select j.retry_count from public.message_jobs j where j.message_id = v_id);
end;
$$;

select is(pg_temp.refuse('{"outcome": "later", "http_status": 429, "error_code": "20429", "error_class": "retryable"}'), 'queued queued 0', 'too many requests is the carrier''s calendar, and uses up no retry');
create temp table again as select c from tests.claim() c;
select is((select c ->> 'retry_count' from again), '0', 'the next attempt is as good as the first');
select is((select count(*) from public.send_attempts a where a.job_id = (select (c ->> 'job_id')::uuid from again)), 2::bigint, 'each try has its own attempt');
select tests.accept((c ->> 'attempt_id')::uuid, 'SM1') as done into temp table done from again;
select is(pg_temp.refuse('{"outcome": "not_sent", "error_class": "retryable"}'), 'queued queued 1', 'not reachable');
select is((select tests.accept(tests.claimed_attempt(), 'SM2')), 1, 'and then it was');
select is(pg_temp.refuse('{"outcome": "not_sent", "error_class": "account"}'), 'queued queued 1', 'our account');
select is((select tests.accept(tests.claimed_attempt(), 'SM3')), 1, 'mended');
select is(pg_temp.refuse('{"outcome": "not_sent"}'), 'queued queued 1', 'no class at all');
select is((select count(*) from pgmq.q_sms_dead_letter), 0::bigint, 'none of them is dead');

select * from finish();
rollback;
