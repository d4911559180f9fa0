begin;
select plan(2);
select tests.build_world();

select is((select r ->> 'code' from tests.enqueue('{"to": "+13125550142"}') r), null, 'somebody who did not is written to');
insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source)
values (tests.id('acme'), '+14155550177', true, 'member');
select is((select r ->> 'code' from tests.enqueue('{"to": "+14155550177"}', '{"to": "+13125550142"}') r limit 1), 'TL103' , 'and somebody who did is not');

select * from finish();
rollback;
