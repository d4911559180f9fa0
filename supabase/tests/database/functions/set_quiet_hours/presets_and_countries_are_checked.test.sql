begin;
select plan(4);
select tests.build_world();

select is(
  tests.try_as('admin', format('select public.set_quiet_hours(%L, %s)', tests.id('acme'), arguments)), 'TL002', arguments
)
from unnest(array[
  '''none''', 'p_countries_enabled => ''{}''', 'p_countries_enabled => ''{USA}''', 'p_countries_enabled => ''{US,null}'''
]) arguments;

select * from finish();
rollback;
