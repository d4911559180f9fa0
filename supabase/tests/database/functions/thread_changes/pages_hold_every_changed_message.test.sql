begin;
select plan(3);
select tests.build_world();

insert into public.messages (id, organization_id, thread_id, sequence, direction, body, status, provider_account_id, change_xid)
select tests.id('message ' || n), tests.id('acme'), tests.id('acme thread'), n, 'inbound', 'x', 'received', tests.id('acme account'),
  (10 + n / 3)::text::xid8
from generate_series(3, 12) n;

create temp table pages (n integer, answer jsonb);
do $$
declare
  v_answer jsonb := '{"cursor": "10"}';
begin
  for n in 1..20 loop
    v_answer := tests.value_as('agent', format('select public.thread_changes(%L, %L, 2)', tests.id('acme thread'), v_answer ->> 'cursor'))::jsonb;
    insert into pages values (n, v_answer);
    exit when not (v_answer ->> 'has_more')::boolean;
  end loop;
end;
$$;

select is((select count(distinct e ->> 'id') from pages, jsonb_array_elements(answer -> 'messages') e), 12::bigint, 'each of twelve');
select is((select count(*) from pages, jsonb_array_elements(answer -> 'messages') e), 12::bigint, 'once');
select is(
  (select bool_and(e.item = m.sorted) from (
    select jsonb_agg(x order by (x ->> 'sequence')::integer) as sorted, answer from pages, jsonb_array_elements(answer -> 'messages') x group by answer
  ) m cross join lateral (select m.answer -> 'messages' as item) e), true, 'each page in the order of the thread'
);

select * from finish();
rollback;
