begin;
select plan(5);
select tests.build_world();

select is(tests.try_as(who, format('select public.delivery_notice(%L)', tests.id('acme'))), 'TL001', who || ' is told nothing')
from unnest(array['agent', 'rival owner', 'suspended member']) who;
create temp table job as select tests.enqueued_id() as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.complete(id, '{"outcome": "unknown"}') as done into temp table done from claimed;
select is(tests.value_as('owner', format('select public.delivery_notice(%L)', tests.id('acme')))::jsonb, '{"alerts": 0, "undecided": 0, "is_critical": false}'::jsonb, 'while the carrier is asked there is nothing to do');
select worker.resolve_unknown((select id from claimed), '{"kind": "ambiguous"}') as r into temp table resolved;
select is(tests.value_as('owner', format('select public.delivery_notice(%L)', tests.id('acme')))::jsonb, '{"alerts": 0, "undecided": 1, "is_critical": false}'::jsonb, 'one waits for a word, and is counted once');

select * from finish();
rollback;
