begin;
select plan(2);
select tests.build_world();

create function pg_temp.fail() returns trigger language plpgsql as $$ begin raise exception using errcode = '40P01'; end; $$;
create trigger fail before insert on public.messages for each row execute function pg_temp.fail();
select tests.inbound();
drop trigger fail on public.messages;
update public.webhook_events set created_at = now() - interval '1 hour', try_again_at = now() where event_key = 'IN1';
-- Since then the number went to the other organization, of the same account.
update public.provider_accounts set account_ref = 'AC-acme' where id = tests.id('rival account');
update public.phone_numbers set created_at = now() - interval '1 day', released_at = now() - interval '30 minutes' where id = tests.id('acme number');
insert into public.phone_numbers (organization_id, provider_account_id, phone_number, created_at)
values (tests.id('rival'), tests.id('rival account'), '+12125550100', now() - interval '20 minutes');
select worker.replay_event() as r into temp table replayed;
select results_eq(
  $$ select m.organization_id, date_trunc('minute', now() - m.created_at) from public.messages m where m.provider_message_id = 'IN1' $$,
  $$ values (tests.id('acme'), interval '1 hour') $$, 'with the time at which it came'
);
select is_empty($$ select from public.messages m where m.organization_id = tests.id('rival') and m.body = 'Hi' $$, 'and not to who has it by now');

select * from finish();
rollback;
