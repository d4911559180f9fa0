begin;
select plan(1);
select tests.build_world();

select is(
  tests.try_as('anonymous visitor', 'select organization_id from public.carrier_recalls'), '42501', 'no select without a session'
);

select * from finish();
rollback;
