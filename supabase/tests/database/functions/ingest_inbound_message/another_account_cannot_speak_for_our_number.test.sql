begin;
select plan(2);
select tests.build_world();

select is(tests.inbound('{"account_ref": "AC-rival"}') ->> 'reason', 'unknown_number', 'the number and the account must belong together');
select is_empty($$ select from public.messages m where m.provider_message_id = 'IN1' $$, 'nothing is written into the thread');

select * from finish();
rollback;
