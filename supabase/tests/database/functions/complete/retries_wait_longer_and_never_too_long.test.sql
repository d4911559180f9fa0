begin;
select plan(5);
select tests.build_world();

select ok(private.retry_delay(n, null) between 1 and least(300, (2 ^ (n + 1))::integer), format('try %s', n)) from unnest(array[0, 3, 20]) n;
select ok(private.retry_delay(0, 40) >= 40, 'at least what the carrier asked for');
select ok(private.retry_delay(0, 1000000) <= 3600, 'an hour at most, whatever it asked for');

select * from finish();
rollback;
