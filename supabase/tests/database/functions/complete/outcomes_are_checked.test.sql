begin;
select plan(4);
select tests.build_world();

select is(tests.try_as('worker', format('select worker.complete(''w1'', %L)', o)), 'TL002', o)
from unnest(array['[{"outcome": "accepted"}]', '[{"attempt_id": "00000000-0000-0000-0000-000000000000"}]',
  '[{"attempt_id": "00000000-0000-0000-0000-000000000000", "outcome": "released"}]']) o;
select is(tests.value_as('worker', 'select worker.complete(''w1'', ''[]'')'), '0', 'nothing to report is no error');

select * from finish();
rollback;
