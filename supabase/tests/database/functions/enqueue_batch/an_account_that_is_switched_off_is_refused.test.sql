begin;
select plan(1);
select tests.build_world();

update public.provider_accounts set status = 'disabled' where id = tests.id('acme account');
select is((select r ->> 'code' from tests.enqueue('{}') r), 'TL104', 'before anybody waits for it');

select * from finish();
rollback;
