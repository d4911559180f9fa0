begin;
select plan(7);
select tests.build_world();

select is(tests.try_as('agent', format('select public.send_message(%L, %L, %L)', tests.id('acme thread'), body, tests.id('key'))), 'TL100', what)
from (values
  (null, 'nothing at all'), ('', 'no character'), ('  ' || chr(9) || chr(10), 'spaces, tabs and lines'), (U&'\00A0\3000', 'spaces of other scripts'),
  (U&'\200B\200D\FEFF', 'invisible characters'), (U&'\2028', 'a line separator')
) as b (body, what);
select is(tests.try_as('agent', format('select public.send_message(%L, ''.'', %L)', tests.id('acme thread'), tests.id('key'))), '1 rows', 'a full stop is a message');

select * from finish();
rollback;
