begin;
select plan(2);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": "Was it sent?"}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, (c ->> 'message_id')::uuid as message_id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;

select tests.value_as('admin', format('select public.decide_unknown(%L, ''sent'')', id)) as r into temp table decided from job;
select tests.report(jsonb_build_object('attempt_id', id, 'provider_message_id', 'SM1', 'status', 'delivered')) as r into temp table reported from claimed;
select is((select tests.message_status(message_id) from claimed), 'delivered', 'sent becomes delivered');
select is((select state from public.send_attempts join claimed using (id)), 'accepted', 'and the attempt is known to have arrived');

select * from finish();
rollback;
