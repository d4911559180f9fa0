begin;
select plan(4);
select tests.build_world();

select throws_ok($$ select public.enqueue_batch(tests.id('acme'), '[]') $$, 'TL002');
select throws_ok($$ select public.enqueue_batch(tests.id('acme'), '{}') $$, 'TL002');
select throws_ok($$ select public.enqueue_batch(tests.id('acme'), (select jsonb_agg(g) from generate_series(1, 10001) g)) $$, 'TL002');
select throws_ok($$ select public.enqueue_batch(tests.id('nobody'), '[{}]') $$, 'TL001');

select * from finish();
rollback;
