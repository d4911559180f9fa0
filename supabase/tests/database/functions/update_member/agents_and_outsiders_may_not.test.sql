begin;
select plan(7);
select tests.build_world();

select is(
  tests.try_as(who, format('select public.update_member(%L, %L, p_status => ''suspended'')', tests.id('acme'), tests.id('second agent'))), 'TL001',
  'refused: ' || who
)
from unnest(tests.outsiders() || array['agent']) who;
select is(
  tests.try_as('admin', format('select public.update_member(%L, %L, p_role => ''admin'')', tests.id('acme'), tests.id('rival agent'))), 'TL001',
  'a member of another organization is nobody here'
);
select is(
  tests.try_as('admin', format('select public.update_member(%L, %L, p_role => ''admin'')', tests.id('rival'), tests.id('rival agent'))), 'TL001',
  'and another organization is out of reach'
);

select * from finish();
rollback;
