begin;
select plan(10);
select tests.build_world();

create temp table mine as select tests.value_as('agent', format(
  'select public.save_template(%L, null, ''mine'', ''Mine'', null, ''Mine'', ''[]'', true) ->> ''id''', tests.id('acme')
))::uuid as id;

select is(tests.try_as(who, format('select public.archive_template(%L)', tests.id('acme template'))), 'TL001', 'refused: ' || who)
from unnest(tests.outsiders() || array['agent']) who;
select is(tests.try_as('owner', format('select public.archive_template(%L)', (select id from mine))), 'TL001', 'not a colleague''s own');
select is(tests.try_as('admin', 'select public.archive_template(gen_random_uuid())'), 'TL001', 'what does not exist is refused alike');
select is(tests.try_as('agent', format('select public.archive_template(%L)', (select id from mine))), '1 rows', 'their own');
select is(tests.try_as('admin', format('select public.archive_template(%L)', tests.id('acme template'))), '1 rows', 'the team''s');
select is(
  (select count(*) from public.message_templates t where t.organization_id = tests.id('acme') and t.archived_at is null), 0::bigint, 'both are out of use'
);

select * from finish();
rollback;
