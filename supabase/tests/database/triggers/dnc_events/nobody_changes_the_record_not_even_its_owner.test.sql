begin;
select plan(4);
select tests.build_world();

select is(tests.try_as('database owner', s), 'P0001', s)
from unnest(array[
  'update public.dnc_events set reason = ''x''', 'delete from public.dnc_events', 'truncate public.dnc_events', 'truncate public.organizations cascade'
]) s;

select * from finish();
rollback;
