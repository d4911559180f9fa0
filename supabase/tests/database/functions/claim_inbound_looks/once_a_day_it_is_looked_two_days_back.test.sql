begin;
select plan(3);
select tests.build_world();

select tests.age_number('10 days', '5 minutes');
update private.inbound_looks set look_back_after = clock_timestamp();
select results_eq($$ select l.since, l.looks_back from tests.claim_look() l $$, $$ values (2885, true) $$, 'for what the log came to know late');
select tests.resolve_look('{"looks_back": true}');
update private.inbound_looks set look_after = clock_timestamp();
select results_eq($$ select l.since, l.looks_back from tests.claim_look() l $$, $$ values (62, false) $$, 'then as usual');
select is((select l.look_back_after > clock_timestamp() + interval '23 hours' from private.inbound_looks l
  where l.phone_number_id = tests.id('acme number')), true, 'for a day');

select * from finish();
rollback;
