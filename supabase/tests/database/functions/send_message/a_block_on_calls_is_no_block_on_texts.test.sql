begin;
select plan(1);
select tests.build_world();

insert into public.dnc_entries (organization_id, phone_number, voice_blocked, source) values (tests.id('acme'), '+13125550142', true, 'member');

select is(tests.try_as('agent', format('select public.send_message(%L, ''Hi'', %L)', tests.id('acme thread'), tests.id('key'))), '1 rows', 'texts go');

select * from finish();
rollback;
