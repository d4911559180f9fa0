begin;
select plan(5);
select tests.build_world();

create function pg_temp.open(p_who text) returns text language sql as $$
  select tests.value_as(p_who, format(
    'select public.open_thread(%L, %L, ''+14155550123'', '' Ben '')', tests.id('acme'), tests.id('acme number')
  ));
$$;
select pg_temp.open('agent') as id into temp table first;

select is(
  (select c.phone_number || '|' || c.name from public.threads t join public.contacts c on c.id = t.contact_id where t.id = (select id::uuid from first)),
  '+14155550123|Ben', 'contact and thread are there'
);
select is(pg_temp.open('second agent'), (select id from first), 'asked again by anybody, it is the same thread');
select is((select count(*) from public.contacts c where c.phone_number = '+14155550123'), 1::bigint, 'one contact');
select is(
  tests.value_as('agent', format('select public.open_thread(%L, %L, ''+13125550142'')', tests.id('acme'), tests.id('acme number'))),
  tests.id('acme thread')::text, 'a known customer has a thread already'
);
select is((select c.name from public.contacts c where c.id = tests.id('acme contact')), 'Maria', 'and keeps the name');

select * from finish();
rollback;
