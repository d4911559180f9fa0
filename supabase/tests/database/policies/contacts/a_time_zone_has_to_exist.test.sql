begin;
select plan(2);
select tests.build_world();

select is(
  tests.try_as('agent', format('update public.contacts set time_zone = ''Mars/Base'' where id = %L', tests.id('acme contact'))),
  'TL002', 'an invented one is refused'
);
select is(
  tests.try_as('agent', format('update public.contacts set time_zone = null where id = %L', tests.id('acme contact'))),
  '1 rows', 'an unknown one is no time zone at all'
);

select * from finish();
rollback;
