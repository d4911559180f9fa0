begin;
select plan(14);
select tests.build_world();

select is(
  tests.try_as('admin', format(
    'select public.save_template(%L, null, %L, %L, %L, ''Hi'', ''[]'')', tests.id('acme'), key, name, category
  )), expected, coalesce(what, '')
)
from (values
  ('visit', 'Visit', '', '1 rows', 'all is well'), ('a-1_b', 'Visit', null, '1 rows', 'no category'),
  (null, 'Visit', '', 'TL002', 'no key'), ('', 'Visit', '', 'TL002', 'empty key'), ('Visit', 'Visit', '', 'TL002', 'capitals'),
  ('a b', 'Visit', '', 'TL002', 'space'), ('-a', 'Visit', '', 'TL002', 'hyphen first'), ('a--b', 'Visit', '', 'TL002', 'two hyphens'),
  (repeat('a', 65), 'Visit', '', 'TL002', 'long key'), (repeat('a', 64), 'Visit', '', '1 rows', 'longest key'),
  ('x', null, '', 'TL002', 'no name'), ('x', ' ', '', 'TL002', 'blank name'), ('x', repeat('n', 121), '', 'TL002', 'long name'),
  ('x', 'X', repeat('c', 61), 'TL002', 'long category')
) as c (key, name, category, expected, what);

select * from finish();
rollback;
