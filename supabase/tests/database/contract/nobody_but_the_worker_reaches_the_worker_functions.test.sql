begin;
select plan(9);
select tests.build_world();

select is(tests.try_as(who, 'select worker.claim(''w'', 1, 30)'), '42501', format('not for: %s', who))
from unnest(array_remove(tests.everybody(), 'worker')) who;

select * from finish();
rollback;
