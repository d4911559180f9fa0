begin;
select plan(3);
select tests.build_world();

select is(tests.try_as('stranger', format('select public.accept_invitation(%L)', token)), 'TL200', 'token ' || quote_nullable(token))
from unnest(array[null, '', repeat('0', 64)]) token;

select * from finish();
rollback;
