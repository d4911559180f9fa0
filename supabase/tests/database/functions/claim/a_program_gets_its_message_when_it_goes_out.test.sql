begin;
select plan(5);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"body": "Hello you"}') as id;
select is((select count(*)::integer from public.messages where body = 'Hello you'), 0, 'not before');
select is((select last_message_at from public.threads t join public.message_jobs j on j.thread_id = t.id join job on job.id = j.id),
  '-infinity', 'and the thread is not in the inbox yet');
create temp table claimed as select c from tests.claim() c;
select results_eq($$ select m.status, m.sequence, m.author_id from public.messages m join claimed on m.id = (c ->> 'message_id')::uuid $$,
  $$ values ('queued', 1, null::uuid) $$, 'then it is there');
select is((select t.last_message_id from public.threads t join claimed on t.id = (c ->> 'thread_id')::uuid), (select (c ->> 'message_id')::uuid from claimed), 'as the last of its thread');
select is((select count(*)::integer from tests.broadcasts('message_created') b where b #>> '{message,body}' = 'Hello you'), 1, 'and who looks on is told');

select * from finish();
rollback;
