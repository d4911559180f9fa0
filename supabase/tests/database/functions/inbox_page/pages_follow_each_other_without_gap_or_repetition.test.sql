begin;
select plan(3);
select tests.build_world();

-- Ten threads in five ties, so that every page border of an odd size falls inside one.
select tests.add_thread('thread ' || n, '+1415555010' || n) as id into temp table added from generate_series(0, 9) n;
update public.threads t set last_message_at = timestamptz '2026-01-01' + (a.n / 2) * interval '1 hour'
from (select id, row_number() over () - 1 as n from added) a where t.id = a.id;

create temp table pages (n integer, threads jsonb);
do $$
declare
  v_page jsonb;
  v_last jsonb;
begin
  for n in 1..9 loop
    v_page := tests.value_as('agent', format(
      'select public.inbox_page(%L, %L, %L, 3)', tests.id('acme'), v_last ->> 'last_message_at', v_last ->> 'id'
    ))::jsonb -> 'threads';
    exit when v_page = '[]';
    insert into pages values (n, v_page);
    v_last := v_page -> -1;
  end loop;
end;
$$;

select is((select count(*) from pages), 4::bigint, 'eleven threads on four pages of three');
select is((select count(distinct e ->> 'id') from pages, jsonb_array_elements(threads) e), 11::bigint, 'each of them');
select results_eq(
  $$ select (e.item ->> 'id')::uuid from pages, jsonb_array_elements(threads) with ordinality as e (item, i) order by n, i $$,
  $$ select t.id from public.threads t where t.organization_id = tests.id('acme') order by t.last_message_at desc, t.id desc $$,
  'once and in order'
);

select * from finish();
rollback;
