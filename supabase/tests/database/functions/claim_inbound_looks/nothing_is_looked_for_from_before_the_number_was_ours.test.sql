begin;
select plan(4);
select tests.build_world();

select tests.age_number('3 days');
select results_eq($$ select l.since from tests.claim_look() l $$, array[4320], 'a number''s first look begins with the number');
update public.provider_accounts set created_at = clock_timestamp() - interval '10 minutes' where id = tests.id('acme account');
update private.inbound_looks set look_after = clock_timestamp();
select results_eq($$ select l.since from tests.claim_look() l $$, array[10], 'or with its account, whichever came to us later');
select tests.age_number('20 minutes', '30 seconds');
select results_eq($$ select l.since from tests.claim_look() l $$, array[20], 'and no overlap goes back beyond that');
select tests.age_number('1 minute');
select is_empty($$ select * from tests.claim_look() $$, 'a new number has its first look when a webhook may have been lost');

select * from finish();
rollback;
