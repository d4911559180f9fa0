begin;
select plan(2);
select tests.build_world();

select tests.inbound('{"intent": "start"}') as started into temp table started;
select is_empty($$ select from public.dnc_entries d where d.phone_number = '+13125550142' $$, 'no entry');
select is_empty($$ select from tests.broadcasts('opt_out_changed') $$, 'no announcement');

select * from finish();
rollback;
