begin;
select plan(7);
select tests.build_world();

create function pg_temp.mark(p_sequence integer) returns integer language plpgsql as $$
begin
  perform tests.value_as('agent', format('select public.mark_thread_read(%L, %L)', tests.id('acme thread'), p_sequence));
  return (select r.last_read_sequence from public.thread_reads r where r.thread_id = tests.id('acme thread') and r.user_id = tests.id('agent'));
end;
$$;

select is(pg_temp.mark(1), 1, 'forward');
select is(pg_temp.mark(0), 1, 'not back');
select is(pg_temp.mark(null), 1, 'not away');
select is(pg_temp.mark(-3), 1, 'not below');
select is(pg_temp.mark(99), 2, 'not past the last message');
select is((select count(*) from tests.broadcasts('thread_read')), 2::bigint, 'other devices hear of what moved, and only of that');
select is(
  (select r.last_read_sequence from public.thread_reads r where r.thread_id = tests.id('acme thread') and r.user_id = tests.id('second agent')), 1,
  'a colleague''s marker is another'
);

select * from finish();
rollback;
