begin;
select plan(2);
select tests.build_world();

select tests.limit_acme(10000, 1);
create temp table jobs as select tests.enqueued_id(jsonb_build_object('to', '+141555501' || n)) as id from generate_series(10, 29) n;
create temp table claimed as select c from tests.claim(1) c;
select public.enqueue_message(tests.id('rival'), '{"to": "+14155550123", "body": "Mine", "class": "urgent"}') as r into temp table mine;
select results_eq($$ select c ->> 'body' from tests.claim(5) c $$, array['Mine'], 'though twenty stand before them');
select is((select count(*)::integer from jobs where tests.job_place(id) = 'queued on its queue'), 19, 'which keep their places');

select * from finish();
rollback;
