begin;
select plan(4);
select tests.build_world();

select tests.add_thread('thread ' || n, '+1415555' || to_char(1000 + n, 'FM0000')) as id into temp table threads from generate_series(1, 5) n;
select tests.sent_id('Message', 'thread ' || n) as id into temp table sent from generate_series(1, 5) n;

select is((select count(*) from tests.claim(n)), m::bigint, format('asked for %s', n)) from (values (0, 0), (-1, 0), (2, 2), (100, 3)) as c (n, m);

select * from finish();
rollback;
