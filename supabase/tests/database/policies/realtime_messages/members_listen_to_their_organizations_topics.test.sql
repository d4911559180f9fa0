begin;
select plan(18);
select tests.build_world();

create function pg_temp.may_join(p_who text, p_topic text) returns boolean language plpgsql as $$
declare
  v_count integer;
begin
  insert into realtime.messages (topic, extension) values (p_topic, 'broadcast'), (p_topic, 'presence');
  perform set_config('realtime.topic', p_topic, true);
  v_count := split_part(tests.try_as(p_who, format('select from realtime.messages where topic = %L', p_topic)), ' ', 1)::integer;
  delete from realtime.messages;
  return v_count = 2;
end;
$$;
create temp table topics as
  select 'org:' || tests.id('acme') || t as topic from unnest(array[':inbox', ':live', ':thread:' || tests.id('acme thread'), ':live:thread:' || tests.id('acme thread')]) t;

select is(pg_temp.may_join('agent', topic), true, 'agent: ' || topic) from topics;
select is(pg_temp.may_join('suspended member', topic), false, 'suspended member: ' || topic) from topics;
select is(pg_temp.may_join('rival owner', topic), false, 'rival owner: ' || topic) from topics;
select is(pg_temp.may_join('stranger', topic), false, 'stranger: ' || topic) from topics;
select is(pg_temp.may_join('nobody', topic), false, 'a session of nobody') from topics limit 1;
select is(tests.try_as('anonymous visitor', 'select from realtime.messages'), '0 rows', 'and nobody without a session');

select * from finish();
rollback;
