begin;
select plan(5);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
select is((select count(*)::integer from tests.claim_recalls()), 0, 'nothing is wanted');
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled from job;
select results_eq(
  $$ select r ->> 'provider_message_id', r ->> 'provider', r ->> 'credentials_ref', r ->> 'reason', r ->> 'tries' from tests.claim_recalls() r $$,
  $$ values ('SM1', 'twilio', 'demo', 'cancelled', '1') $$, 'with all the carrier needs'
);
select is((select count(*)::integer from tests.claim_recalls('w2')), 0, 'and not by another at once');
update public.carrier_recalls set try_after = clock_timestamp() where state = 'wanted';
select is((select r ->> 'tries' from tests.claim_recalls('w2') r), '2', 'when the first has died the next one has it');
select is(tests.try_as(who, $$ select worker.claim_recalls('w', 1, 1) $$), '42501', format('it is not for: %s', who))
from unnest('{agent}'::text[]) who;

select * from finish();
rollback;
