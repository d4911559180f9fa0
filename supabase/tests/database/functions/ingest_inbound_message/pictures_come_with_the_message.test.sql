begin;
select plan(4);
select tests.build_world();

select tests.inbound('{"body": "", "media": [{"url": "https://c.test/1", "content_type": "image/png"}, {"url": "https://c.test/2"}]}') as r into temp table r;

select results_eq(
  $$ select d.position::integer, d.provider_url, d.content_type, d.status from public.message_media d join public.messages m on m.id = d.message_id
    where m.provider_message_id = 'IN1' order by d.position $$,
  $$ values (0, 'https://c.test/1', 'image/png', 'pending'), (1, 'https://c.test/2', 'application/octet-stream', 'pending') $$, 'each waits to be copied'
);
select is((select jsonb_array_length(p #> '{message,media}') from tests.broadcasts('message_created') p), 2, 'the first announcement names them');
select is(tests.inbound('{"event_key": "IN2", "provider_message_id": "IN2", "media": null}') ->> 'outcome', 'processed', 'none is no error');
select is(tests.inbound('{"event_key": "IN3", "provider_message_id": "IN3", "media": {"a": 1}}') ->> 'outcome', 'processed', 'nor is something else');

select * from finish();
rollback;
