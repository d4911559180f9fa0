begin;
select plan(3);
select tests.build_world();

create function pg_temp.page(p_who text, p_rest text default '') returns jsonb language sql as $$
  select tests.value_as(p_who, format('select public.inbox_page(%L' || p_rest || ')', tests.id('acme')))::jsonb;
$$;

select is(
  (pg_temp.page('agent') #> '{threads,0}') - array['last_message_at', 'updated_at'] #- '{last_message,created_at}',
  jsonb_build_object(
    'id', tests.id('acme thread'), 'organization_id', tests.id('acme'), 'status', 'open', 'assignee_id', null,
    'contact', jsonb_build_object('id', tests.id('acme contact'), 'phone_number', '+13125550142', 'name', 'Maria', 'time_zone', null),
    'phone_number', jsonb_build_object('id', tests.id('acme number'), 'phone_number', '+12125550100', 'label', 'Main'),
    'last_message', jsonb_build_object(
      'id', tests.id('acme outbound'), 'sequence', 2, 'direction', 'outbound', 'preview', 'Hi Maria', 'has_media', false, 'status', 'sent',
      'author_name', null
    ),
    'last_sequence', 2, 'last_inbound_sequence', 1, 'unread_count', 1, 'opted_out', false
  ), 'as promised'
);
select is(pg_temp.page('second agent') #>> '{threads,0,unread_count}', '0', 'what was read is the reader''s own');
select matches(pg_temp.page('agent') ->> 'cursor', '^[0-9]+$', 'with the cursor to go on from');

select * from finish();
rollback;
