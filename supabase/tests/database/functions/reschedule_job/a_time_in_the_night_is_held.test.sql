begin;
select plan(4);
select tests.build_world();

create temp table jobs as select tests.enqueued_id('{"class": "marketing"}') as id;
create function pg_temp.moved_to(p_hour interval) returns jsonb
language sql volatile
as $$
  select public.reschedule_job(
    tests.id('acme'), id,
    (date_trunc('day', now() at time zone 'America/Los_Angeles') + interval '2 days' + p_hour) at time zone 'America/Los_Angeles'
  ) from jobs;
$$;

select results_eq(
  $$ select m ->> 'status', m ->> 'hold_reason', (m ->> 'due_at')::timestamptz > (m ->> 'scheduled_for')::timestamptz
    from pg_temp.moved_to('3 hours') m $$,
  $$ values ('held', 'quiet_hours', true) $$, 'as when it is enqueued for then'
);
select is(pg_temp.moved_to('4 hours') ->> 'status', 'held', 'it may move from there within the night');
select is((select count(*)::integer from tests.claim()), 0, 'and goes to nobody meanwhile');
select is(pg_temp.moved_to('13 hours') ->> 'status', 'scheduled', 'and back to the day');

select * from finish();
rollback;
