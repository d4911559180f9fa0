begin;
select plan(3);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table other as select tests.enqueued_id('{"body": "Other"}') as id;
select tests.claim() as claimed into temp table claimed;
select tests.let_leases_run_out();
select worker.sweep() as swept into temp table swept;
select tests.value_as('admin', format('select public.decide_unknown(%L, ''sent'')', j.id)) as decided into temp table decided
from public.message_jobs j where j.message_id = (select id from sent);

select is(
  worker.complete('w1', (
    select jsonb_agg(jsonb_build_object('attempt_id', a.id) || case a.message_id
      when (select id from sent) then '{"outcome": "not_sent", "error_class": "opted_out"}'
      else '{"outcome": "accepted", "provider_message_id": "SM1"}'
    end::jsonb) from public.send_attempts a where a.state in ('unknown', 'unconfirmed')
  )), 2, 'the answers come after a person has said that it was sent'
);
select is(tests.message_status((select id from sent)) || ' ' || tests.job_status((select id from sent)), 'blocked blocked', 'it was not');
select is(tests.job_place((select id from other)), 'sent', 'and the answers that came with it count');

select * from finish();
rollback;
