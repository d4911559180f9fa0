begin;
select plan(2);
select tests.build_world();

insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source) values (tests.id('acme'), '+13125550142', true, 'member');

select is((select p #>> '{threads,0,id}' from tests.broadcasts('threads_changed') p), tests.id('acme thread')::text, 'the list shows it');
select is((select p #>> '{threads,0,opted_out}' from tests.broadcasts('threads_changed') p), 'true', 'as opted out');

select * from finish();
rollback;
