begin;
select plan(3);
select tests.build_world();

select is(tests.inbound(jsonb_build_object('body', repeat('😀', 1600))) ->> 'outcome', 'processed', 'more than we could send');
select is((select char_length(m.body) from public.messages m where m.provider_message_id = 'IN1'), 1600, 'every emoji of it');
select is(
  tests.inbound(jsonb_build_object('body', repeat('😀', 20000), 'event_key', 'IN2', 'provider_message_id', 'IN2')) ->> 'outcome', 'processed',
  'what no carrier passes on is cut rather than refused'
);

select * from finish();
rollback;
