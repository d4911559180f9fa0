begin;
select plan(3);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select tests.complete(
  (select id from attempt),
  '{"outcome": "not_sent", "error_class": "permanent", "error_code": "21211", "error_text": "Not a number", "http_status": 400}'
) as done into temp table done;
select is(
  (select concat_ws('|', m.status, m.error_code, m.error_text) from public.messages m where m.id = (select id from sent)), 'failed|21211|Not a number', 'for good, with the reason'
);
select is(tests.job_status((select id from sent)) || ' ' || tests.queue_state((select id from sent)), 'failed gone', 'no second try');
select is((select j.error_details from public.message_jobs j where j.message_id = (select id from sent)), '{"code": "21211", "text": "Not a number"}', 'the job knows too');

select * from finish();
rollback;
