begin;
select plan(36);
select tests.build_world();

create temp table topics as
  select replace(t, '#', tests.id('acme')::text) as topic from unnest(array[
    '', ':', 'org:', 'org::inbox', 'org:#', 'org:#:', 'org:#:inbox:', 'org:#:inbox ', ' org:#:inbox', 'org:#:inboxes', 'org:#:thread', 'org:#:thread:',
    'org:#:thread:x', 'org:#:live:thread:', 'org:zzzzzzzz-0000-0000-0000-000000000000:inbox', 'org:------------------------------------:inbox',
    E'org:#:inbox\n', E'org:#:live\norg:#:inbox'
  ]) t;

select is(tests.value_as('agent', format('select coalesce(private.can_%s_topic(%L), false)', verb, topic)), 'false', verb || ' ' || quote_literal(topic))
from topics, unnest(array['read', 'write']) verb;

select * from finish();
rollback;
