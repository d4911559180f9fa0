begin;
select plan(6);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
create temp table attempt as select tests.claimed_attempt() as id;

select is(tests.accept((select id from attempt), 'SM1'), 1, 'the first word');
select is(tests.complete((select id from attempt), '{"outcome": "not_sent", "error_class": "permanent"}'), 0, 'another later is no news');
select is(tests.accept((select id from attempt), 'SM2'), 0, 'nor is another id');
select is(tests.accept(tests.id('no attempt'), 'SM3'), 0, 'nor an attempt there never was');
select is((select m.status || ' ' || m.provider_message_id from public.messages m where m.id = (select id from sent)), 'sent SM1', 'unchanged');
select is(
  tests.value_as('worker', format('select worker.complete(''w1'', %L)', jsonb_build_array(
    jsonb_build_object('attempt_id', tests.id('acme attempt'), 'outcome', 'unknown'), jsonb_build_object('attempt_id', tests.id('acme attempt'), 'outcome', 'accepted')
  ))), '0', 'twice in one batch counts once'
);

select * from finish();
rollback;
