begin;
select plan(9);
select tests.build_world();

create temp table jobs as
select n, tests.enqueued_id(jsonb_build_object('to', '+1415555010' || n, 'body', 'Number ' || n)) as id from generate_series(1, 3) n;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, (c ->> 'job_id')::uuid as job_id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;
create function pg_temp.seen(p_asked boolean) returns setof jsonb language sql as $$
  select s from jsonb_array_elements(tests.value_as('admin', format('select public.unknown_sends(%L, %L)', tests.id('acme'), p_asked))::jsonb) s;
$$;

select is(tests.try_as(who, format('select public.unknown_sends(%L)', tests.id('acme'))), 'TL001', who || ' is told nothing')
from unnest(array['agent', 'rival owner', 'suspended member']) who;
select is((select count(*)::integer from pg_temp.seen(true)), 0, 'as long as the carrier is asked, nobody else is');
select is((select count(*)::integer from pg_temp.seen(false)), 3, 'but it can be seen');
select worker.resolve_unknown((select c.id from claimed c join jobs j on j.id = c.job_id where j.n = 1), '{"kind": "ambiguous"}') as r into temp table first;
update public.organizations set resend_unconfirmed = '{urgent}' where id = tests.id('acme');
select worker.resolve_unknown((select c.id from claimed c join jobs j on j.id = c.job_id where j.n = 2), '{"kind": "ambiguous"}') as r into temp table second;
select results_eq(
  $$ select s ->> 'body', s ->> 'to', (s ->> 'is_asked')::boolean, s #>> '{error,reason}', s #>> '{attempts,0,state}' from pg_temp.seen(true) s $$,
  $$ values ('Number 1', '+14155550101', true, 'several_fit', 'unconfirmed') $$, 'what could not be settled asks for a word'
);
select results_eq(
  $$ select s ->> 'body', s ->> 'sent_again_as' is not null from pg_temp.seen(false) s order by 1 $$,
  $$ values ('Number 2', true), ('Number 3', false) $$, 'what policy sent again does not'
);
select is(tests.value_as('admin', format('select public.queue_health(%L) ->> ''undecided''', tests.id('acme'))), '1', 'and one is counted');
select tests.value_as('admin', format('select public.decide_unknown(%L, ''sent'')', id)) as r into temp table decided from jobs where n = 1;
select is((select count(*)::integer from pg_temp.seen(true)), 0, 'until somebody said');

select * from finish();
rollback;
