begin;
select plan(1);
select tests.build_world();

create temp table sent as select tests.send('Message ' || n) as m from generate_series(1, 50) n;
select is((select count(*)::integer from sent where m ->> 'delayed_until' is not null), 0, 'fifty at once');

select * from finish();
rollback;
