begin;
select plan(3);
select tests.build_world();

select is(
  (select z::text from private.candidate_zones(tests.id('acme'), '+19285550123', null) z),
  '("{America/Denver,America/Phoenix}",{US-AZ},area_code)', 'Arizona and the Navajo Nation'
);
select is(
  (select z::text from private.candidate_zones(tests.id('acme'), '+17825550123', null) z),
  '({America/Halifax},"{CA-NS,CA-PE}",area_code)', 'two provinces in one zone'
);
select is(
  (select z::text from private.candidate_zones(tests.id('acme'), '+18765550123', null) z),
  '({America/Jamaica},{JM},area_code)', 'a country with an area code'
);

select * from finish();
rollback;
