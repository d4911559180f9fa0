begin;
select plan(2);

select is_empty(
  $$ select p.prefix, z from public.number_prefixes p, unnest(p.zones) z
    where z not in (select t.name from pg_timezone_names t) $$,
  'no decision fails for want of a clock'
);
select is((select count(*) from public.number_prefixes p where p.prefix like '1%'), 441::bigint, 'every area code is there');

select * from finish();
rollback;
