begin;
select plan(8);
select tests.build_world();

select is(tests.try_as('agent', 'select id from public.api_keys'), '0 rows', 'nothing for the agent');
select is(
  tests.value_as(who, 'select string_agg(name || key_prefix, '','') from public.api_keys'), 'Reminderstl_live_test',
  format('their own for the %s', who)
)
from unnest(tests.admins()) who;
select is(tests.try_as(who, 'select key_hash from public.api_keys'), '42501', format('no hash for: %s', who))
from unnest(array['admin', 'owner', 'secret key']) who;
select is(tests.try_as(who, 'select from private.api_key_rates'), '42501', format('no rates for: %s', who))
from unnest(array['owner', 'secret key']) who;

select * from finish();
rollback;
