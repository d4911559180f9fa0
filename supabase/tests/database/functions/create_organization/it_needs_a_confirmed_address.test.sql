begin;
select plan(2);
select tests.build_world();

update auth.users set email_confirmed_at = null where id = tests.id('stranger');

select is(tests.try_as('stranger', 'select public.create_organization(''x'')'), 'TL001', 'an address that is only claimed is not enough');
select is(tests.try_as('nobody', 'select public.create_organization(''x'')'), 'TL001', 'nor is a session of nobody');

select * from finish();
rollback;
