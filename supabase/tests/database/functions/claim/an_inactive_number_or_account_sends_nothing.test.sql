begin;
select plan(4);
select tests.build_world();

select tests.add_thread('other thread', '+14155550123') as id into temp table other;
create temp table sent as select tests.sent_id('Hello') as one, tests.sent_id('Hello', 'other thread') as two;

update public.phone_numbers set status = 'paused' where id = tests.id('acme number');
select is(jsonb_array_length(coalesce((select jsonb_agg(c) from tests.claim(1) c), '[]')), 0, 'paused');
update public.phone_numbers set status = 'active' where id = tests.id('acme number');
update public.provider_accounts set status = 'disabled' where id = tests.id('acme account');
select is_empty($$ select tests.claim() $$, 'account disabled');
select is((select tests.message_status(one) || ' ' || tests.message_status(two) from sent), 'blocked blocked', 'both are blocked');
select is((select count(*) from public.messages m where m.error_code = 'TL104'), 2::bigint, 'and say why');

select * from finish();
rollback;
