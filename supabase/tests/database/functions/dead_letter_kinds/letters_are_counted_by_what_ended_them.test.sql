begin;
select plan(4);
select tests.build_world();

create temp table jobs as
select tests.enqueued_id(jsonb_build_object('to', '+1415555010' || n, 'max_retries', 0)) as id from generate_series(0, 2) n;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, row_number() over () as n from tests.claim() c;
select tests.complete(id, jsonb_build_object(
  'outcome', 'not_sent', 'error_class', 'retryable', 'error_code', case when n = 1 then 'a' else 'b' end, 'error_text', 'Why'
)) as done into temp table done from claimed;

select is(tests.try_as(who, format('select public.dead_letter_kinds(%L)', tests.id('acme'))), 'TL001', who || ' is told nothing')
from unnest(array['agent', 'rival owner', 'suspended member']) who;
select results_eq(
  $$ select k ->> 'code', k ->> 'count', k ->> 'text'
    from jsonb_array_elements(tests.value_as('admin', format('select public.dead_letter_kinds(%L)', tests.id('acme')))::jsonb) k $$,
  $$ values ('b', '2', 'Why'), ('a', '1', 'Why') $$, 'the most frequent first'
);

select * from finish();
rollback;
