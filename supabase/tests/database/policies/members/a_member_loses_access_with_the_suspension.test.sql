begin;
select plan(3);
select tests.build_world();

select is(tests.try_as('agent', tests.rows_of('acme', 'threads')), '1 rows', 'before');
select tests.value_as('owner', format(
  'select public.update_member(%L, %L, p_status => ''suspended'')', tests.id('acme'), tests.id('agent')
)) into temp table suspended;
select is(tests.try_as('agent', tests.rows_of('acme', 'threads')), '0 rows', 'after, with the same session');
select is(
  tests.try_as('agent', format('select public.send_message(%L, ''Hi'', gen_random_uuid())', tests.id('acme thread'))), 'TL001',
  'nor can anything be sent'
);

select * from finish();
rollback;
