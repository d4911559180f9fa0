begin;
select plan(6);
select tests.build_world();

select is(tests.try_as('agent', format('select public.send_message(%L, %L, gen_random_uuid())', tests.id('acme thread'), body)), expected, what)
from (values
  (repeat('a', 1600), '1 rows', '1,600 letters pass'), (repeat('a', 1601), 'TL101', '1,601 do not'),
  (repeat('😀', 800), '1 rows', '800 emoji are 1,600 units'), (repeat('😀', 800) || 'a', 'TL101', 'and one letter more is too much'),
  (repeat('é', 1600), '1 rows', 'an accent costs nothing'), (repeat('😀', 801), 'TL101', '801 emoji are too many')
) as b (body, expected, what);

select * from finish();
rollback;
