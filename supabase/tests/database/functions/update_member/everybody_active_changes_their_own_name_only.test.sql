begin;
select plan(4);
select tests.build_world();

select is(
  tests.try_as('agent', format('select public.update_member(%L, %L, p_display_name => ''Anna'')', tests.id('acme'), tests.id('agent'))), '1 rows', 'their own'
);
select is(
  tests.try_as('agent', format('select public.update_member(%L, %L, p_display_name => ''Anna'')', tests.id('acme'), tests.id('second agent'))), 'TL001',
  'not a colleague''s'
);
select is(
  tests.try_as('suspended member', format('select public.update_member(%L, %L, p_display_name => ''Sam'')', tests.id('acme'), tests.id('suspended member'))),
  'TL001', 'not while suspended'
);
select is(
  tests.try_as('suspended member', format('select public.update_member(%L, %L, p_status => ''active'')', tests.id('acme'), tests.id('suspended member'))),
  'TL001', 'nor does a suspended member lift the suspension'
);

select * from finish();
rollback;
