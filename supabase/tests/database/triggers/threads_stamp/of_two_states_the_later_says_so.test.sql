begin;
select plan(3);
select tests.build_world();

-- As a transaction leaves them that began after this one and was done before it.
alter table public.threads disable trigger threads_stamp;
update public.threads t set updated_at = now() + interval '1 hour' where t.id = tests.id('acme thread');
alter table public.threads enable trigger threads_stamp;

update public.threads t set status = t.status where t.id = tests.id('acme thread');
select is(
  (select t.updated_at from public.threads t where t.id = tests.id('acme thread')), now() + interval '1 hour 0.001 seconds',
  'a browser that takes the latest takes this one'
);

update public.threads t set updated_at = now() where t.id = tests.id('rival thread');
create temp table before as select t.updated_at from public.threads t where t.id = tests.id('rival thread');
update public.threads t set updated_at = now() where t.id = tests.id('rival thread');
select ok(
  (select t.updated_at >= b.updated_at + interval '1 millisecond' from public.threads t, before b where t.id = tests.id('rival thread')),
  'two in one moment can be told apart, by a clock of milliseconds too'
);
select ok(
  (select t.updated_at < clock_timestamp() + interval '1 second' from public.threads t where t.id = tests.id('rival thread')),
  'and it stays a time'
);

select * from finish();
rollback;
