begin;
select plan(4);
select tests.build_world();

select is(tests.try_as('anonymous visitor', 'select * from public.my_suspensions()'), '42501', 'a visitor is refused');
select is(tests.try_as(who, 'select * from public.my_suspensions()'), '0 rows', who || ' is not suspended') from unnest(array['agent', 'stranger']) who;
select is(tests.value_as('suspended member', 'select name from public.my_suspensions()'), 'Acme', 'a suspended member is told by whom');

select * from finish();
rollback;
