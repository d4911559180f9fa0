begin;
select plan(4);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": "Was it sent?"}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, (c ->> 'message_id')::uuid as message_id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;

update public.organizations set resend_unconfirmed = '{urgent}' where id = tests.id('acme');
select is((select worker.resolve_unknown(id, '{"kind": "ambiguous"}') from claimed), 'unconfirmed', 'nobody can tell');
select is((select count(*)::integer from public.message_jobs where metadata ->> 'resend_of' = (select id::text from job)), 1, 'a double is better than a loss');
select is((select details ->> 'by' from public.audit_logs where action = 'unconfirmed_sent_again'), 'policy', 'and it is on record');
select is(
  (select tests.value_as('admin', format('select public.decide_unknown(%L, ''send_again'')', id))::jsonb ->> 'outcome' from job),
  'duplicate', 'a person who decides the same sends no third'
);

select * from finish();
rollback;
