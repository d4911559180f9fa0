begin;
select plan(3);
select tests.build_world();


create temp table saved as select tests.value_as('admin', format(
  'select public.save_template(%L, null, ''visit'', '' Visit '', ''reminders'', ''Hi {{ name | default: "there" }}'', %L)',
  tests.id('acme'), '[{"name": "name", "required": false, "default": "there"}]'
))::jsonb as template;

select is(
  (select template - 'id' - 'version_id' - 'updated_at' from saved),
  jsonb_build_object(
    'organization_id', tests.id('acme'), 'key', 'visit', 'name', 'Visit', 'category', 'reminders', 'personal', false,
    'archived_at', null, 'version', 1, 'body', 'Hi {{ name | default: "there" }}',
    'variables', '[{"name": "name", "required": false, "default": "there"}]'::jsonb
  ),
  'all a screen needs'
);
select is(
  (select v.created_by from public.template_versions v, saved s where v.id = (s.template ->> 'version_id')::uuid), tests.id('admin'),
  'with its author'
);
select isnt_empty(
  $$ select from public.audit_logs l where l.action = 'template_saved' and l.actor_id = tests.id('admin') $$, 'and a line in the audit log'
);

select * from finish();
rollback;
