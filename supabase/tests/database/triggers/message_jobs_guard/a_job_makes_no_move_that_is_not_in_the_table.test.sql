begin;
select plan(2);
select tests.build_world();

create function pg_temp.try_move(p_from text, p_to text) returns text language plpgsql as $$
begin
  perform set_config('session_replication_role', 'replica', true);
  update public.message_jobs set status = p_from, hold_reason = case when p_from = 'held' then 'limit' end where id = tests.id('acme job');
  perform set_config('session_replication_role', 'origin', true);
  begin
    update public.message_jobs set status = p_to, hold_reason = case when p_to = 'held' then 'limit' end where id = tests.id('acme job');
    return 'moved';
  exception when others then
    return sqlstate;
  end;
end;
$$;
create temp table moves as
  select f.status as from_status, t.status as to_status, pg_temp.try_move(f.status, t.status) as result
  from unnest('{scheduled,queued,held,processing,unknown,at_carrier,sent,delivered,undelivered,failed,cancelled,blocked,dead}'::text[]) f (status),
    unnest('{scheduled,queued,held,processing,unknown,at_carrier,sent,delivered,undelivered,failed,cancelled,blocked,dead}'::text[]) t (status)
  where f.status <> t.status;
select set_eq($$ select from_status, to_status from moves where result = 'moved' $$, $$ select from_status, to_status from private.job_transitions $$, 'every move in the table is made, and no other');
select set_eq($$ select result from moves where result <> 'moved' $$, array['TL117'], 'an illegal one is named so');

select * from finish();
rollback;
