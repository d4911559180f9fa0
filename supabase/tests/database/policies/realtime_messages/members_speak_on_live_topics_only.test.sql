begin;
select plan(12);
select tests.build_world();

create function pg_temp.may_speak(p_who text, p_topic text) returns text language plpgsql as $$
begin
  perform set_config('realtime.topic', p_topic, true);
  return tests.try_as(p_who, format('insert into realtime.messages (topic, extension, payload) values (%L, ''broadcast'', ''{}'')', p_topic));
end;
$$;
create function pg_temp.topic(p_rest text) returns text language sql as $$ select 'org:' || tests.id('acme') || p_rest; $$;

select is(pg_temp.may_speak('agent', pg_temp.topic(':live')), '1 rows', 'presence of the organization');
select is(pg_temp.may_speak('agent', pg_temp.topic(':live:thread:' || tests.id('acme thread'))), '1 rows', 'viewers and typing of a thread');
select is(pg_temp.may_speak('agent', pg_temp.topic(':inbox')), '42501', 'a server event cannot be forged');
select is(pg_temp.may_speak('owner', pg_temp.topic(':thread:' || tests.id('acme thread'))), '42501', 'by nobody');
select is(pg_temp.may_speak(who, pg_temp.topic(':live')), '42501', who) from unnest(tests.outsiders()) who;
select is(pg_temp.may_speak('agent', pg_temp.topic(':live:other')), '42501', 'a topic there is not');
select is(pg_temp.may_speak('agent', pg_temp.topic(':liver')), '42501', 'nor one that begins alike');
select is(
  tests.try_as('agent', 'update realtime.messages set payload = ''{}'''), '0 rows', 'what was said is not changed'
);
select isnt(tests.try_as('agent', 'delete from realtime.messages'), '1 rows', 'nor taken back');

select * from finish();
rollback;
