begin;
select plan(6);
select tests.build_world();

select is(tests.try_as('agent', 'select id from public.invitations'), '0 rows', 'nothing for the agent');
select is(
  tests.value_as(who, 'select string_agg(email, '','') from public.invitations'), 'new@acme.test',
  format('their own for the %s', who)
)
from unnest(tests.admins()) who;
select is(tests.try_as(who, 'select token_hash from public.invitations'), '42501', format('no token hash for: %s', who))
from unnest(array['admin', 'owner', 'secret key']) who;

select * from finish();
rollback;
