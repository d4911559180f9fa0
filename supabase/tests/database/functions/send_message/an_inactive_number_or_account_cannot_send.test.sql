begin;
select plan(3);
select tests.build_world();

create function pg_temp.send() returns text language sql as $$
  select tests.try_as('agent', format('select public.send_message(%L, ''Hi'', gen_random_uuid())', tests.id('acme thread')));
$$;

update public.phone_numbers set status = 'paused' where id = tests.id('acme number');
select is(pg_temp.send(), 'TL104', 'paused');
update public.phone_numbers set status = 'active', released_at = now() where id = tests.id('acme number');
select is(pg_temp.send(), 'TL104', 'released');
update public.phone_numbers set released_at = null where id = tests.id('acme number');
update public.provider_accounts set status = 'disabled' where id = tests.id('acme account');
select is(pg_temp.send(), 'TL104', 'account disabled');

select * from finish();
rollback;
