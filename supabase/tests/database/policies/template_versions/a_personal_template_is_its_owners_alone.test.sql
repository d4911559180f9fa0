begin;
select plan(7);
select tests.build_world();

select isnt(
  tests.value_as('agent', format(
    'select public.save_template(%L, null, ''mine'', ''Mine'', null, ''Mine'', ''[]'', true) ->> ''id''', tests.id('acme')
  )), null, 'an agent keeps one'
);
select is(tests.try_as('agent', 'select id from public.template_versions where body = ''Mine'''), '1 rows', 'and reads it');
select is(tests.try_as(who, 'select id from public.template_versions where body = ''Mine'''), '0 rows', format('nothing for: %s', who))
from unnest(array['second agent', 'admin', 'owner', 'rival agent', 'suspended member']) who;

select * from finish();
rollback;
