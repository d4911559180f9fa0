begin;
select plan(1);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"max_retries": 0}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;

select tests.complete(id, '{"outcome": "not_sent", "error_class": "permanent"}') as done into temp table done from claimed;
insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source) values (tests.id('acme'), '+14155550123', true, 'member');
select is((select r ->> 'code' from job, jsonb_array_elements(public.retry_failed(tests.id('acme'), array[id])) r), 'TL103', 'no second text');

select * from finish();
rollback;
