begin;
select plan(9);
select tests.build_world();

select is(tests.try_as(who, 'select public.authenticate_api_key(''x'')'), '42501', 'refused: ' || who)
from unnest(array_remove(tests.everybody(), 'secret key')) who;

select * from finish();
rollback;
