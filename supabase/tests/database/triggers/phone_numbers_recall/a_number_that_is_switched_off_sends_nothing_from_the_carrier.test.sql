begin;
select plan(5);
select tests.build_world();

create temp table job as select tests.at_carrier() as id;
update public.phone_numbers set label = 'Desk' where id = tests.id('acme number');
select is((select count(*)::integer from public.carrier_recalls where state = 'wanted'), 0, 'another label is no reason');
update public.phone_numbers set status = 'paused' where id = tests.id('rival number');
select is((select count(*)::integer from public.carrier_recalls where state = 'wanted'), 0, 'nor is another number');
update public.phone_numbers set status = 'paused' where id = tests.id('acme number');
select is((select reason from public.carrier_recalls where state = 'wanted'), 'number_inactive', 'its own is');
select is(tests.resolve_recall('{"kind": "cancelled"}'), 'recalled', 'given back');
select is((select tests.whereabouts(id) from job), 'cancelled, cancelled', 'it is not sent');

select * from finish();
rollback;
