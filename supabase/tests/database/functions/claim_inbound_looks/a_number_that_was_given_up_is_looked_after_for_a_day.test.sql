begin;
select plan(2);
select tests.build_world();

select tests.age_number('10 days', '20 hours');
update public.phone_numbers set released_at = clock_timestamp() - interval '30 hours' where id = tests.id('acme number');
select isnt_empty($$ select * from tests.claim_look() $$, 'its log may lag');
select tests.resolve_look('{}');
update private.inbound_looks set look_after = clock_timestamp();
select is_empty($$ select * from tests.claim_look() $$, 'then it is over');

select * from finish();
rollback;
