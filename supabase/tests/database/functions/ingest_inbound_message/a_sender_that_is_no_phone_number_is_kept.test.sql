begin;
select plan(3);
select tests.build_world();

select is(
  tests.inbound(jsonb_build_object('from', sender, 'event_key', 'k' || sender)) ->> 'reason', 'sender_is_not_a_phone_number', sender
)
from unnest(array['22395', 'DENTIST', '']) sender;

select * from finish();
rollback;
