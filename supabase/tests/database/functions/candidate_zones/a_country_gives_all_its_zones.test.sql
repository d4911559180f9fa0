begin;
select plan(3);
select tests.build_world();

select is(
  (select z::text from private.candidate_zones(tests.id('acme'), '+9779812345678', null) z),
  '({Asia/Kathmandu},{NP},country)', 'one zone'
);
select is(
  (select z::text from private.candidate_zones(tests.id('acme'), '+351912345678', null) z),
  '("{Europe/Lisbon,Atlantic/Azores}",{PT},country)', 'several'
);
select is(
  (select z::text from private.candidate_zones(tests.id('acme'), '+77011234567', null) z),
  '({Asia/Almaty},{KZ},country)', 'the longest prefix counts'
);

select * from finish();
rollback;
