begin;
select plan(1);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"metadata": {"order": 7}}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.accept(id, 'SM1') as done into temp table done from claimed;

select tests.report(jsonb_build_object('attempt_id', id, 'provider_message_id', 'SM2', 'status', 'delivered')) as r into temp table reported from claimed;
select results_eq($$ select severity from public.alerts where kind = 'sent_twice' and closed_at is null $$, array['critical'], 'once');

select * from finish();
rollback;
