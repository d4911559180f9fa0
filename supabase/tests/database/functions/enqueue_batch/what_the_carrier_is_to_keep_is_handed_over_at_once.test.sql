begin;
select plan(6);
select tests.build_world();

select tests.give_service();
create temp table answered as select r from tests.enqueue(
  jsonb_build_object('carrier_scheduling', true, 'scheduled_for', now() + interval '3 days', 'body', 'See you')
) r;
select is((select r ->> 'outcome' from answered), 'accepted', 'it is kept');
select is((select (r ->> 'due_at')::timestamptz from answered), now() + interval '3 days', 'and told when it goes out');
create temp table claimed as select c from tests.claim() c;
select is((select (c ->> 'schedule_at')::timestamptz from claimed), now() + interval '3 days', 'the worker hears for when');
select is((select send_at from public.send_attempts join claimed on id = (c ->> 'attempt_id')::uuid), now() + interval '3 days', 'and so does the attempt');
select results_eq(
  $$ select (tests.value_as('secret key', format('select public.send_reminder(%L, %L)', tests.id('acme'), jsonb_build_object(
    'to', '+14155550177', 'body', 'Tomorrow', 'class', 'urgent', 'carrier_scheduling', true,
    'scheduled_for', now() + interval '1 day', 'due_at', now() + interval '2 days'
  )))::jsonb) ->> 'outcome' $$, array['accepted'], 'a reminder too'
);
select tests.enqueued_id('{"to": "+14155550124"}') is not null as is_plain into temp table plain;
select is((select count(*)::integer from tests.claim() c where c ->> 'schedule_at' is null), 1, 'what goes at once has no such time');

select * from finish();
rollback;
