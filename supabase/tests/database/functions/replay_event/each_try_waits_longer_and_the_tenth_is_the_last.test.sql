begin;
select plan(3);
select tests.build_world();

create function pg_temp.fail() returns trigger language plpgsql as $$ begin raise exception using errcode = '22000', message = 'secret words'; end; $$;
create trigger fail before insert on public.messages for each row execute function pg_temp.fail();
select tests.inbound() as r into temp table failed;
create temp table pauses as select 1 as try, extract(epoch from w.try_again_at - w.processed_at) as seconds from public.webhook_events w where w.event_key = 'IN1';
do $$
begin
  for v_try in 2..11 loop
    update public.webhook_events w set try_again_at = clock_timestamp() where w.event_key = 'IN1';
    perform worker.replay_event();
    insert into pauses select v_try, extract(epoch from w.try_again_at - w.processed_at) from public.webhook_events w where w.event_key = 'IN1';
  end loop;
end;
$$;

select results_eq(
  $$ select round(p.seconds) from pauses p where p.try <= 4 order by p.try $$, $$ values (30::numeric), (60), (120), (240) $$, 'half a minute, and twice as long each time'
);
select is((select round(p.seconds / 3600, 1) from pauses p where p.try = 10), 4.3, 'in the end some hours');
select is((select p.seconds from pauses p where p.try = 11), null, 'then it is left to a person');

select * from finish();
rollback;
