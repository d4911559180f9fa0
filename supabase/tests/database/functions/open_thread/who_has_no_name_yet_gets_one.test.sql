begin;
select plan(3);
select tests.build_world();

update public.contacts set name = null where id = tests.id('acme contact');
create function pg_temp.open(p_name text) returns text language sql as $$
  select tests.value_as('agent', format(
    'select public.open_thread(%L, %L, ''+13125550142'', %L)', tests.id('acme'), tests.id('acme number'), p_name
  ));
$$;

select is(pg_temp.open('  '), tests.id('acme thread')::text, 'a customer who wrote first is found');
select pg_temp.open(' Rosa ');
select is((select c.name from public.contacts c where c.id = tests.id('acme contact')), 'Rosa', 'and called what the agent calls them');
select pg_temp.open('Rose');
select is((select c.name from public.contacts c where c.id = tests.id('acme contact')), 'Rosa', 'once they have a name it stays');

select * from finish();
rollback;
