begin;
select plan(12);
select tests.build_world();

create function pg_temp.ask(p_cost integer, p_organization text default 'acme') returns numeric
language sql
as $$
  select (tests.value_as('secret key', format(
    'select public.authenticate_api_key(%L, %L)', encode(sha256(convert_to('tl_live_' || p_organization, 'UTF8')), 'hex'), p_cost
  ))::jsonb ->> 'retry_after_seconds')::numeric;
$$;
-- Ten a second and two thousand at once: slow enough that the test's own time does not matter.
update public.api_keys k set rate_per_second = 10;

select is(pg_temp.ask(1000), null, 'half of it');
select is(pg_temp.ask(1000), null, 'all of it');
select ok(pg_temp.ask(1000) between 90 and 100, 'a thousand more take a hundred seconds');
select ok(pg_temp.ask(1000) between 90 and 100, 'and nothing was taken by asking');
select ok(pg_temp.ask(100) between 0.001 and 10, 'a hundred are there sooner');
select is(pg_temp.ask(0), null, 'asking who it is costs nothing');
select is(pg_temp.ask(1000, 'rival'), null, 'another key has its own');
update private.api_key_rates r set free_at = r.free_at - interval '100 seconds' where r.api_key_id = tests.id('acme api key');
select is(pg_temp.ask(1000), null, 'a hundred seconds later');
update private.api_key_rates r set free_at = now() - interval '1 day' where r.api_key_id = tests.id('acme api key');
select is(pg_temp.ask(2000), null, 'a day of rest is worth no more than the burst');
select ok(pg_temp.ask(100) > 0, 'and then it is spent');
select is(
  tests.try_as('secret key', format(
    'select public.authenticate_api_key(%L, %L)', encode(sha256(convert_to('tl_live_acme', 'UTF8')), 'hex'), cost
  )), 'TL002', 'what could never be taken is refused: ' || cost
)
from unnest(array[2001, -1]) cost;

select * from finish();
rollback;
