begin;
select plan(2);
select tests.build_world();

select is(tests.inbound('{"intent": "reschedule"}') ->> 'outcome', 'processed', 'the text is taken');
select results_eq(
  $$ select m.body, m.intent from public.messages m where m.provider_message_id = 'IN1' $$, $$ values ('Hi', null::text) $$,
  'without the word'
);

select * from finish();
rollback;
