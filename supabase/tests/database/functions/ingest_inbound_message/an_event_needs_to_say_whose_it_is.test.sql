begin;
select plan(3);
select tests.build_world();

select is(
  tests.try_as('secret key', format('select public.ingest_inbound_message(%L)', e)), 'TL002', e
)
from unnest(array['{}', '{"provider": "twilio", "account_ref": "AC"}', '{"provider": "twilio", "event_key": "k"}']) e;

select * from finish();
rollback;
