begin;
select plan(4);
select tests.build_world();

-- Seven threads changed by transactions 10 to 13, in ties, and read markers moved by transaction 11.
select tests.add_thread('thread ' || n, '+1415555010' || n) as id into temp table added from generate_series(1, 7) n;
alter table public.threads disable trigger threads_stamp;
update public.threads t set change_xid = (10 + n / 2)::text::xid8 from generate_series(1, 7) n where t.id = tests.id('thread ' || n);
update public.threads t set change_xid = '5' where t.id = tests.id('acme thread');
alter table public.threads enable trigger threads_stamp;
delete from public.thread_reads;
insert into public.thread_reads (organization_id, thread_id, user_id, change_xid)
values (tests.id('acme'), tests.id('acme thread'), tests.id('agent'), '11'), (tests.id('acme'), tests.id('thread 7'), tests.id('admin'), '11');

create temp table pages (n integer, answer jsonb);
do $$
declare
  v_answer jsonb := '{"cursor": "10"}';
begin
  for n in 1..20 loop
    v_answer := tests.value_as('agent', format('select public.inbox_changes(%L, %L, 2)', tests.id('acme'), v_answer ->> 'cursor'))::jsonb;
    insert into pages values (n, v_answer);
    exit when not (v_answer ->> 'has_more')::boolean;
  end loop;
end;
$$;

select is(
  (select array_agg(distinct e ->> 'id') from pages, jsonb_array_elements(answer -> 'threads') e) @>
    (select array_agg(tests.id('thread ' || n)::text) from generate_series(1, 7) n), true, 'every changed thread is on a page'
);
select is(
  (select count(*) from pages, jsonb_array_elements(answer -> 'threads') e), 8::bigint, 'once, and once more the one the caller has read'
);
select is((select bool_and(jsonb_array_length(answer -> 'threads') <= 2) from pages), true, 'no page is larger than asked');
select matches((select answer ->> 'cursor' from pages order by n desc limit 1), '^[0-9]+$', 'the last hands out a plain cursor');

select * from finish();
rollback;
