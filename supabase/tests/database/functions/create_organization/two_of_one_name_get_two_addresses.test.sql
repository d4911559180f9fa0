begin;
select plan(2);
select tests.build_world();

select tests.become('stranger');
select public.create_organization('Blue Barn') as first, public.create_organization('Blue Barn') as second into temp table made;
select tests.become('database owner');

select is((select count(distinct o.slug) from public.organizations o where o.name = 'Blue Barn'), 2::bigint, 'their slugs differ');
select is((select count(*) from public.organizations o where o.name = 'Blue Barn' and o.slug = 'blue-barn'), 1::bigint, 'the first has the plain one');

select * from finish();
rollback;
