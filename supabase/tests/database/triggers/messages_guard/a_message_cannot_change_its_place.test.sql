begin;
select plan(4);
select tests.build_world();

select is(tests.try_as('database owner', format('update public.messages set %s where id = %L', change, tests.id('acme outbound'))), 'P0001', change)
from unnest(array[
  format('organization_id = %L, thread_id = %L, provider_account_id = %L', tests.id('rival'), tests.id('rival thread'), tests.id('rival account')),
  format('thread_id = %L', tests.id('other thread')), 'sequence = 7', 'direction = ''inbound'', status = ''received'''
]) change;

select * from finish();
rollback;
