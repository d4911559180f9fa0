begin;
select plan(5);
select tests.build_world();

create function pg_temp.open(p_number text) returns text language sql as $$
  select tests.try_as('agent', format('select public.open_thread(%L, %L, ''+14155550123'')', tests.id('acme'), tests.id(p_number)));
$$;

select is(pg_temp.open('rival number'), 'TL104', 'not another organization''s');
select is(pg_temp.open('no number'), 'TL104', 'which is refused like one that does not exist');
update public.phone_numbers set status = 'paused' where id = tests.id('acme number');
select is(pg_temp.open('acme number'), 'TL104', 'not a paused one');
update public.phone_numbers set status = 'active', released_at = now() where id = tests.id('acme number');
select is(pg_temp.open('acme number'), 'TL104', 'not a released one');
update public.phone_numbers set released_at = null where id = tests.id('acme number');
select is(pg_temp.open('acme number'), '1 rows', 'an active one');

select * from finish();
rollback;
