begin;
select plan(2);
select tests.build_world();

update public.thread_reads set last_read_sequence = 2 where user_id = tests.id('second agent');
alter table public.threads disable trigger threads_stamp;
update public.threads set change_xid = '5' where id = tests.id('acme thread');
alter table public.threads enable trigger threads_stamp;

select is(
  tests.value_as('agent', format('select public.inbox_changes(%L, ''6'')', tests.id('acme')))::jsonb -> 'threads', '[]', 'a colleague''s reading changes nothing'
);
select is(
  jsonb_array_length(tests.value_as('second agent', format('select public.inbox_changes(%L, ''6'')', tests.id('acme')))::jsonb -> 'threads'), 1,
  'one''s own does, on every device'
);

select * from finish();
rollback;
