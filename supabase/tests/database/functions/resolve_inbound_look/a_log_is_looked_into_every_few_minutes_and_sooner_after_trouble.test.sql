begin;
select plan(4);
select tests.build_world();

select tests.age_number('10 days', '20 minutes');
select tests.claim_look();
select tests.resolve_look('{}');
select is(tests.next_look(), 5, 'as a rule');
select tests.resolve_look('{"found": 1}');
select is(tests.next_look(), 1, 'where one was missing there may be more');
select tests.resolve_look('{}', '3 hours');
select is((select round(extract(epoch from clock_timestamp() - l.read_until) / 60)::integer from private.inbound_looks l
  where l.phone_number_id = tests.id('acme number')), 2, 'a mark never moves back');
select is(tests.resolve_look('{}', p_number => 'nobody'), '', 'a number that is gone is no trouble');

select * from finish();
rollback;
