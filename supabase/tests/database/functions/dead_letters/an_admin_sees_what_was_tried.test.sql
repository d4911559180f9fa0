begin;
select plan(4);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"max_retries": 0}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.complete(id, '{"outcome": "not_sent", "error_class": "retryable", "error_code": "x", "error_text": "Why", "http_status": 400}') as done into temp table done from claimed;

select results_eq(
  $$ select d ->> 'job_id', d #>> '{error,code}', d #>> '{attempts,0,http_status}', d ->> 'body'
    from jsonb_array_elements(tests.value_as('admin', format('select public.dead_letters(%L)', tests.id('acme')))::jsonb) d $$,
  $$ select id::text, 'x', '400', 'Hello' from job $$, 'with everything needed to understand it'
);
select is((select count(*)::integer from pgmq.q_sms_dead_letter), 1, 'the letter is on its queue');
select is(tests.try_as('agent', format('select public.dead_letters(%L)', tests.id('acme'))), 'TL001', 'an agent does not');
select is(tests.try_as('rival owner', format('select public.dead_letters(%L)', tests.id('acme'))), 'TL001', 'nor does a rival');

select * from finish();
rollback;
