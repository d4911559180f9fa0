begin;
select plan(8);
select tests.build_world();

create temp table hash as select encode(sha256(convert_to('tl_live_acme', 'UTF8')), 'hex') as hex;

select is(
  tests.value_as('secret key', format('select public.authenticate_api_key(%L)', hex))::jsonb,
  jsonb_build_object('organization_id', tests.id('acme'), 'api_key_id', tests.id('acme api key'), 'retry_after_seconds', null),
  'whose it is'
)
from hash;
select ok(k.last_used_at is not null, 'its use is noted') from public.api_keys k where k.id = tests.id('acme api key');
update public.api_keys k set last_used_at = now() - interval '59 seconds' where k.id = tests.id('acme api key');
select isnt(tests.value_as('secret key', format('select public.authenticate_api_key(%L)', hex)), null, 'used again') from hash;
select is(k.last_used_at, now() - interval '59 seconds', 'once a minute is enough') from public.api_keys k where k.id = tests.id('acme api key');
select is(tests.value_as('secret key', format('select public.authenticate_api_key(%L)', given)), null, 'nothing for ' || coalesce(left(given, 20), 'null'))
from unnest(array[repeat('0', 64), 'tl_live_acme', '', (select upper(hex) from hash)]) given;

select * from finish();
rollback;
