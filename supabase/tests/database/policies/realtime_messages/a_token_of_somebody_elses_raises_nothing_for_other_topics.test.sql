begin;
select plan(3);
select tests.build_world();

-- A token whose subject is no account of ours, as other makers of tokens write it.
create function pg_temp.asked(p_topic text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform set_config('request.jwt.claim.sub', 'wallet_1', true);
  perform set_config('request.jwt.claims', '{"sub": "wallet_1", "role": "authenticated"}', true);
  perform set_config('role', 'authenticated', true);
  begin
    v_answer := private.can_read_topic(p_topic)::text || ' ' || private.can_write_topic(p_topic)::text;
  exception when invalid_text_representation then
    v_answer := sqlstate;
  end;
  perform tests.become('database owner');
  return v_answer;
end;
$$;

select is(pg_temp.asked('room:1'), 'false false', 'a topic that is not ours is left to other policies');
select is(pg_temp.asked('org:x:live'), 'false false', 'and so is one that only looks like ours');
select is(pg_temp.asked('org:' || tests.id('acme') || ':live'), '22P02', 'one of ours is not opened');

select * from finish();
rollback;
