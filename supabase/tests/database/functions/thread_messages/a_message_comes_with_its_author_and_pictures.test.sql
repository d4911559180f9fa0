begin;
select plan(3);
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

select is(
  pg_temp.page(', p_before_sequence => 2') #> '{messages,0,media}',
  jsonb_build_array(jsonb_build_object(
    'id', tests.id('acme picture'), 'position', 0, 'content_type', 'image/png', 'size_bytes', null, 'storage_path', null, 'status', 'pending'
  )), 'pictures'
);
update public.messages set author_id = tests.id('agent') where id = tests.id('acme outbound');
select is(pg_temp.page(', p_before_sequence => 3') #>> '{messages,1,author_name}', 'Agent', 'author');
select is(pg_temp.page('') #>> '{thread,id}', tests.id('acme thread')::text, 'and the thread itself');

select * from finish();
rollback;
