begin;
select plan(4);
select tests.build_world();

select tests.age_number('30 days', '10 days');
select results_eq($$ select l.since, l.until from tests.claim_look() l $$, $$ values (14460, 12960) $$, 'a day, and the hour before it');
select tests.resolve_look('{}', '9 days');
select is(tests.next_look(), 0, 'the next day at once');
select results_eq($$ select l.since, l.until from tests.claim_look() l $$, $$ values (13020, 11520) $$, 'from there on');
select tests.resolve_look('{}', '9 minutes');
select is(tests.next_look(), 5, 'until the present is reached');

select * from finish();
rollback;
