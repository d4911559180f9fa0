begin;
select plan(5);
select tests.build_world();

select tests.age_number('10 days', '20 minutes');
select worker.report_account(tests.id('acme account'), '{"kind": "paused", "reason": "sign-in failed", "seconds": 3600}')::text;
select is_empty($$ select * from tests.claim_look() $$, 'not while it is paused');
select worker.report_account(tests.id('acme account'), '{"kind": "resumed"}')::text;
update public.provider_accounts set status = 'disabled' where id = tests.id('acme account');
select is_empty($$ select * from tests.claim_look() $$, 'nor while it is out of use');
update public.provider_accounts set status = 'active', requests_in_flight = 1 where id = tests.id('acme account');
select tests.enqueued_id('{"to": "+14155550111"}');
select tests.claimed_attempt();
select is_empty($$ select * from tests.claim_look() $$, 'nor while sending takes its only line');
update private.inbound_looks set look_after = clock_timestamp() - interval '5 minutes';
select results_eq($$ select l.since from tests.claim_look() l $$, array[80], 'though not for ever, and it begins where it ended');
update public.phone_numbers set status = 'paused' where id = tests.id('acme number');
update private.inbound_looks set look_after = clock_timestamp() - interval '5 minutes';
select isnt_empty($$ select * from tests.claim_look() $$, 'a number that may not send is texted all the same');

select * from finish();
rollback;
