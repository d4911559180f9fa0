begin;
select plan(3);
select tests.build_world();

select throws_ok($$ select public.send_reminder(tests.id('acme'), '{"to": "+14155550123", "body": "See you"}') $$, 'TL002');
select throws_ok($$ select public.send_reminder(tests.id('acme'), '{"to": "+14155550123", "body": "See you", "due_at": "soon"}') $$, 'TL002');
select is(public.send_reminder(tests.id('acme'), jsonb_build_object('to', '+14155550123', 'body', 'See you', 'due_at', now() - interval '1 minute')) ->> 'code',
  'TL112', 'what is over needs no reminder');

select * from finish();
rollback;
