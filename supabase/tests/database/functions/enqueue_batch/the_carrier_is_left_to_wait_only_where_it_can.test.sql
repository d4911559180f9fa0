begin;
select plan(12);
select tests.build_world();

create function pg_temp.answer(p_job jsonb) returns text language sql as $$
  select concat_ws(': ', r ->> 'code', r ->> 'message')
  from tests.enqueue(jsonb_build_object('carrier_scheduling', true, 'scheduled_for', now() + interval '2 hours') || p_job) r;
$$;
select is(pg_temp.answer('{}'), 'TL118: The carrier keeps messages only of numbers with a messaging service, and this one has none', 'not without a service');
select is(pg_temp.answer('{"carrier_scheduling": false}'), '', 'though the database does');
select tests.give_service();
select is(pg_temp.answer('{"scheduled_for": null}'), 'TL002: A job that is to wait at the carrier needs scheduled_for', 'not without a time');
select is(pg_temp.answer('{"carrier_scheduling": "yes"}'), 'TL002: Whether the carrier does the waiting is true or false', 'yes is not true');
create temp table cases as select * from (values
  ('five minutes', interval '300 seconds', 'TL118: The carrier keeps messages for more than 5 minutes and at most 35 days'),
  ('a second more', interval '301 seconds', ''),
  ('35 days', interval '35 days', ''),
  ('a second more than that', interval '35 days 1 second', 'TL118: The carrier keeps messages for more than 5 minutes and at most 35 days')
) c (name, ahead, answer);
select is(pg_temp.answer(jsonb_build_object('scheduled_for', now() + ahead)), answer, name) from cases;
select is(pg_temp.answer(jsonb_build_object('class', 'marketing', 'scheduled_for',
  ((now() at time zone 'America/Los_Angeles')::date + 1 + time '03:00') at time zone 'America/Los_Angeles'
)), 'TL118: It is quiet hours then, and a message at the carrier does not wait for their end', 'not in quiet hours');
select is(pg_temp.answer(jsonb_build_object('send_before', now() + interval '1 hour')),
  'TL112: There is no moment at which this may be sent: too far ahead, too late, or in quiet hours until its end', 'nor after its last moment');
update public.provider_accounts set provider = 'telnyx' where id = tests.id('acme account');
update public.phone_numbers set messaging_service_ref = null where id = tests.id('acme number');
select results_eq(
  $$ select pg_temp.answer(jsonb_build_object('scheduled_for', now() + ahead)) from unnest('{5 days, 5 days 1 second}'::interval[]) ahead $$,
  array['', 'TL118: The carrier keeps messages for more than 5 minutes and at most 5 days'], 'another carrier has another window and needs no service'
);
select is(private.carrier_problem('twilio', 'MG1', now() + interval '1 hour', null), null, 'hours that never open are refused for another reason');

select * from finish();
rollback;
