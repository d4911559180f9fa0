begin;
select plan(7);
select tests.build_world();

create function pg_temp.health(p_who text) returns jsonb language sql as $$
  select tests.value_as(p_who, format('select public.queue_health(%L)', tests.id('acme')))::jsonb;
$$;
select is(pg_temp.health('agent') ?| '{accounts,alerts,numbers,undecided}', false, 'an agent sees what waits, and no account');
select is(pg_temp.health(who) ?& '{accounts,alerts,numbers,held,undecided,dead_letters,worker_seen_at,checked_at}', true, who || ' sees it all') from unnest(tests.admins()) who;
select is(pg_temp.health('admin') ->> 'worker_seen_at', null, 'nobody has swept');
select worker.sweep() as s into temp table swept;
select is((pg_temp.health('admin') ->> 'worker_seen_at')::timestamptz between now() and clock_timestamp(), true, 'a sweep is a sign of life');
create temp table job as select tests.enqueued_id() as id;
select c into temp table claimed from tests.claim() c;
select is(pg_temp.health('admin') #> '{numbers,0}' ->> 'used_today', '1', 'what a number has sent today');
update public.message_jobs set status = 'queued' where id in (select id from job);
update public.message_jobs set status = 'held', hold_reason = 'limit' where id in (select id from job);
select is(pg_temp.health('admin') -> 'held', '{"limit": 1}'::jsonb, 'and why something is held');

select * from finish();
rollback;
