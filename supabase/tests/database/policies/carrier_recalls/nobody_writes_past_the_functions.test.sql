begin;
select plan(40);
select tests.build_world();

select is(tests.try_as(who, tests.write_statement(verb, 'carrier_recalls')), '42501', format('no %s for: %s', verb, who))
from unnest(tests.everybody()) who, unnest(array['insert', 'update', 'delete', 'truncate']) verb;

select * from finish();
rollback;
