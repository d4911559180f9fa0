begin;
select plan(9);
select tests.build_world();

create function pg_temp.try_key() returns text
language sql
as $$
  select tests.value_as('secret key', format(
    'select public.authenticate_api_key(%L) ->> ''organization_id''', encode(sha256(convert_to('tl_live_acme', 'UTF8')), 'hex')
  ));
$$;

select is(tests.try_as(who, format('select public.revoke_api_key(%L)', tests.id('acme api key'))), 'TL001', 'refused: ' || who)
from unnest(tests.outsiders() || array['agent']) who;
select is(tests.try_as('admin', 'select public.revoke_api_key(gen_random_uuid())'), 'TL001', 'what does not exist is refused alike');
select is(pg_temp.try_key(), tests.id('acme')::text, 'it opens');
select is(tests.try_as('admin', format('select public.revoke_api_key(%L)', tests.id('acme api key'))), '1 rows', 'an admin revokes it');
select is(pg_temp.try_key(), null, 'and no more');

select * from finish();
rollback;
