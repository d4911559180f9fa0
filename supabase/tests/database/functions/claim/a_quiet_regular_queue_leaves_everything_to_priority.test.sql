begin;
select plan(1);
select tests.build_world();

select tests.add_thread('thread ' || n, '+1415555' || to_char(1000 + n, 'FM0000')) as id into temp table threads from generate_series(1, 10) n;
select tests.sent_id('Message', 'thread ' || n) as id into temp table sent from generate_series(1, 10) n;

select is((select count(*) from tests.claim(10)), 10::bigint, 'no place is kept free for nobody');

select * from finish();
rollback;
