begin;
select plan(4);
select tests.build_world();

select tests.add_thread('thread ' || n, '+1415555' || to_char(1000 + n, 'FM0000')) as id into temp table added from generate_series(1, 205) n;

select is(
  jsonb_array_length(tests.value_as('agent', format('select public.inbox_page(%L, null, null, %L)', tests.id('acme'), l))::jsonb -> 'threads'), n, what
)
from (values (0, 1, 'at least one'), (-5, 1, 'also below'), (1000, 200, 'at most 200'), (null, 1, 'none is the least')) as c (l, n, what);

select * from finish();
rollback;
