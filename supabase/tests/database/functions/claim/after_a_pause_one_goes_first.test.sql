begin;
select plan(2);
select tests.build_world();

create temp table jobs as select tests.enqueued_id(jsonb_build_object('to', '+1415555010' || n)) as id from generate_series(0, 4) n;
update public.provider_accounts set paused_until = now() - interval '1 second', pause_reason = 'outage' where id = tests.id('acme account');
select results_eq($$ select (c ->> 'is_probe')::boolean from tests.claim() c $$, array[true], 'as a probe');
select is_empty($$ select tests.claim() $$, 'and nobody else until it is known how that ended');

select * from finish();
rollback;
