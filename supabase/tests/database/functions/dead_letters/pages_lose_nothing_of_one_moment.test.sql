begin;
select plan(4);
select tests.build_world();

create temp table jobs as
select tests.enqueued_id(jsonb_build_object('to', '+1415555010' || n, 'max_retries', 0)) as id from generate_series(0, 4) n;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, row_number() over () as n from tests.claim() c;
select tests.complete(id, jsonb_build_object(
  'outcome', 'not_sent', 'error_class', 'retryable', 'error_code', case when n < 3 then 'a' else 'b' end, 'error_text', 'Why'
)) as done into temp table done from claimed;
create function pg_temp.page(p_after jsonb default null, p_code text default null) returns setof jsonb language sql as $$
  select d from jsonb_array_elements(tests.value_as('admin', format(
    'select public.dead_letters(%L, %L, %L, %L, 2)', tests.id('acme'), p_after ->> 'updated_at', p_after ->> 'job_id', p_code
  ))::jsonb) with ordinality as p (d, place) order by p.place;
$$;

select is((select count(distinct j.updated_at)::integer from public.message_jobs j join jobs using (id)), 1, 'all died in one moment');
create temp table first as select d from pg_temp.page() d;
create temp table second as select d from pg_temp.page((select d from first offset 1)) d;
create temp table third as select d from pg_temp.page((select d from second offset 1)) d;
select set_eq($$ select (d ->> 'job_id')::uuid from (table first union all table second union all table third) all_pages $$, $$ select id from jobs $$, 'three pages hold them all');
select is((select count(*)::integer from third), 1, 'and none twice');
select is((select count(*)::integer from pg_temp.page(p_code => 'a')), 2, 'those of one kind can be asked for');

select * from finish();
rollback;
