begin;
select plan(9);
select tests.build_world();

insert into storage.buckets (id, name) values ('message-media', 'message-media'), ('other', 'other') on conflict do nothing;
insert into storage.objects (bucket_id, name) values
  ('message-media', tests.id('acme') || '/' || tests.id('acme inbound') || '/0.png'), ('other', tests.id('acme') || '/x/0.png');

select is(tests.try_as(who, 'select from storage.objects'), '1 rows', who) from unnest(tests.members()) who;
select is(tests.try_as(who, 'select from storage.objects'), '0 rows', who) from unnest(tests.outsiders() || array['anonymous visitor']) who;
select is(
  tests.try_as('owner', format('insert into storage.objects (bucket_id, name) values (''message-media'', %L)', tests.id('acme') || '/y/0.png')), '42501',
  'nobody but the worker stores one'
);

select * from finish();
rollback;
