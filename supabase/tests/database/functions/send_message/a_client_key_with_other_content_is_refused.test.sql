begin;
select plan(3);
select tests.build_world();

select tests.send('Hello', tests.id('key')) as sent into temp table sent;
select tests.add_thread('other thread', '+14155550123') as thread into temp table other;

select is(
  tests.try_as('agent', format('select public.send_message(%L, ''Goodbye'', %L)', tests.id('acme thread'), tests.id('key'))), 'TL105', 'other words'
);
select is(
  tests.try_as('agent', format('select public.send_message(%L, ''Hello'', %L)', tests.id('other thread'), tests.id('key'))), 'TL105', 'another thread'
);
select is(
  tests.try_as('rival agent', format('select public.send_message(%L, ''Hello'', %L)', tests.id('rival thread'), tests.id('key'))), '1 rows',
  'another organization''s keys are its own'
);

select * from finish();
rollback;
