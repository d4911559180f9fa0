begin;
select plan(7);
select tests.build_world();

select is(
  tests.try_as('agent', format('select public.open_thread(%L, %L, %L)', tests.id('acme'), tests.id('acme number'), recipient)), 'TL102',
  quote_nullable(recipient)
)
from unnest(array[null, '', '4155550123', '+14155550123 ', '+11155550123', '+1415555012', '+12125550100']) recipient;

select * from finish();
rollback;
