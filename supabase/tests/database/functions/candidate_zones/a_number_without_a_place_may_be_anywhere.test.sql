begin;
select plan(6);
select tests.build_world();

select is(
  (select z::text from private.candidate_zones(tests.id('acme'), number, null) z),
  '("{America/New_York,America/Chicago,America/Denver,America/Phoenix,America/Los_Angeles,America/Anchorage,America/Adak,Pacific/Honolulu}",'
  || regions || ',unknown)', number
)
from (values ('+18005550123', '{US}'), ('+15005550123', '{US}'), ('+14575550123', '{US}'), ('+883510000000', '{}')) as n (number, regions);

update public.organizations set countries_enabled = '{US,CA}' where id = tests.id('acme');
select is(
  (select z.zones[9:] || z.regions from private.candidate_zones(tests.id('acme'), '+18005550123', null) z),
  '{America/Halifax,America/St_Johns,US,CA}', 'further east where Canada is texted'
);
select is(
  (select z.zones from private.candidate_zones(tests.id('acme'), '+12125550123', null) z), '{America/New_York}',
  'a number with a place stays there'
);

select * from finish();
rollback;
