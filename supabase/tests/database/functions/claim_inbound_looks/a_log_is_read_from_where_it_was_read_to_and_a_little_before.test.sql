begin;
select plan(5);
select tests.build_world();

select tests.age_number('10 days', '20 minutes');
select results_eq($$ select * from tests.claim_look() $$,
  $$ values ('+12125550100', 80, 2, false) $$, 'an hour of overlap, since logs lag, and not what may still come by itself');
select is_empty($$ select * from tests.claim_look() $$, 'one worker at a time');
select is(tests.next_look(), 5, 'until its lease is over');
select tests.resolve_look('{}');
update private.inbound_looks set look_after = clock_timestamp();
select results_eq($$ select * from tests.claim_look() $$, $$ values ('+12125550100', 62, 2, false) $$, 'the mark has moved');
update private.inbound_looks set look_after = clock_timestamp();
select tests.claim_look();
select is((select round(extract(epoch from clock_timestamp() - l.read_until) / 60)::integer from private.inbound_looks l
  where l.phone_number_id = tests.id('acme number')), 2, 'and does not move because of a look that never ended');

select * from finish();
rollback;
