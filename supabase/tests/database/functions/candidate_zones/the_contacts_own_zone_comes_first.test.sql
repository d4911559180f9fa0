begin;
select plan(2);
select tests.build_world();

select is(
  (select z::text from private.candidate_zones(tests.id('acme'), '+12145550123', 'America/Los_Angeles') z),
  '({America/Los_Angeles},{US-TX},contact)', 'the zone is the contact''s, the state the number''s'
);
select is(
  (select z::text from private.candidate_zones(tests.id('acme'), '+18005550123', 'America/Chicago') z),
  '({America/Chicago},{US},contact)', 'it places a toll-free number'
);

select * from finish();
rollback;
