begin;
select plan(4);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
select public.cancel_jobs(tests.id('acme'), array[id]) as r into temp table cancelled from job;
select is(tests.try_as(who, format('select worker.resolve_recall(%L, %L)', tests.id('x'), '{"kind": "cancelled"}')), '42501', format('not for: %s', who))
from unnest('{owner,secret key}'::text[]) who;
select throws_ok($$ select tests.resolve_recall('{"kind": "perhaps"}') $$, 'TL002', null, 'a carrier does not say perhaps');
select is(worker.resolve_recall(tests.id('nothing'), '{"kind": "cancelled"}'), 'settled', 'what nobody asked for changes nothing');

select * from finish();
rollback;
