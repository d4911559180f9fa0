begin;
select plan(7);
select tests.build_world();

select is(
  tests.try_as(who, format('select public.next_allowed_time(%L)', tests.id('acme thread'))), 'TL001', 'refused: ' || who
)
from unnest(tests.outsiders()) who;
select is(
  tests.try_as(who, format('select public.next_allowed_time(%L)', tests.id('acme thread'))), '42501', 'out of reach: ' || who
)
from unnest(array['anonymous visitor', 'secret key', 'worker']) who;

select * from finish();
rollback;
