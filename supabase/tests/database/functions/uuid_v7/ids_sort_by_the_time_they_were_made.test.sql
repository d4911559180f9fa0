begin;
select plan(3);

create temp table made (n integer, id uuid);
insert into made select 1, private.uuid_v7();
insert into made select 2, private.uuid_v7() from (select pg_sleep(0.002)) s;

select matches((select id::text from made where n = 1), '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$', 'version 7, variant 10');
select ok((select a.id < b.id from made a, made b where a.n = 1 and b.n = 2), 'the later is the greater');
select ok(
  abs(('x' || left(replace((select id::text from made where n = 1), '-', ''), 12))::bit(48)::bigint - extract(epoch from clock_timestamp()) * 1000) < 60000,
  'the first 48 bits are milliseconds since 1970'
);

select * from finish();
rollback;
