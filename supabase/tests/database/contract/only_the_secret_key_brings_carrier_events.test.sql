begin;
select plan(18);
select tests.build_world();

select is(tests.try_as(who, format('select public.%I(''{}'')', f)), '42501', format('%s not for: %s', f, who))
from unnest(array_remove(tests.everybody(), 'secret key')) who, unnest(array['ingest_inbound_message', 'apply_delivery_report']) f;

select * from finish();
rollback;
