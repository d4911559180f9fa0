begin;
select plan(8);
select tests.build_world();

insert into public.messages (organization_id, thread_id, sequence, direction, body, status, provider_account_id)
select tests.id('acme'), tests.id('acme thread'), n, 'inbound', 'x', 'received', tests.id('acme account') from generate_series(3, 10) n;
create function pg_temp.page(p_rest text) returns jsonb language sql as $$
  select tests.value_as('agent', format('select public.thread_messages(%L' || p_rest || ')', tests.id('acme thread')))::jsonb;
$$;
create function pg_temp.places(p_rest text) returns text language sql as $$
  select coalesce(string_agg(e.item ->> 'sequence', ' ' order by e.n), '') || case when (page ->> 'has_more')::boolean then ' …' else '' end
  from pg_temp.page(p_rest) page left join jsonb_array_elements(page -> 'messages') with ordinality as e (item, n) on true group by page;
$$;

select is(pg_temp.places(', p_limit => 3'), '8 9 10 …', 'the newest first');
select is(pg_temp.places(', p_before_sequence => 8, p_limit => 3'), '5 6 7 …', 'those before');
select is(pg_temp.places(', p_before_sequence => 4, p_limit => 3'), '1 2 3', 'up to the first');
select is(pg_temp.places(', p_before_sequence => 1, p_limit => 3'), '', 'and nothing before that');
select is(pg_temp.places(', p_after_sequence => 0, p_limit => 3'), '1 2 3 …', 'from the first');
select is(pg_temp.places(', p_after_sequence => 7, p_limit => 3'), '8 9 10', 'up to the newest');
select is(pg_temp.places(', p_after_sequence => 10, p_limit => 3'), '', 'and nothing after that');
select is(pg_temp.places(', p_limit => 0'), '10 …', 'a page holds at least one');

select * from finish();
rollback;
