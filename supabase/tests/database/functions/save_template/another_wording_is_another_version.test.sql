begin;
select plan(6);
select tests.build_world();

create function pg_temp.save(
  p_who text, p_body text, p_variables jsonb, p_id uuid default null, p_key text default 'visit', p_personal boolean default false
) returns text
language sql
as $$
  select tests.try_as(p_who, format(
    'select public.save_template(%L, %L, %L, ''Visit'', ''reminders'', %L, %L, %L)',
    tests.id('acme'), p_id, p_key, p_body, p_variables, p_personal
  ));
$$;

select is(pg_temp.save('admin', 'One', '[]', tests.id('acme template'), 'greeting'), '1 rows', 'another wording');
select is(pg_temp.save('admin', 'One', '[]', tests.id('acme template'), 'hello'), '1 rows', 'the same wording under another key');
select is(
  (select string_agg(v.version || ' ' || v.body, ', ' order by v.version) from public.template_versions v where v.template_id = tests.id('acme template')),
  '1 Hi {{ name }}, 2 One', 'one version more'
);
select is(
  (select v.body || ' ' || t.key from public.message_templates t join public.template_versions v on v.id = t.current_version_id where t.id = tests.id('acme template')),
  'One hello', 'the newest is the one in use'
);
select is(pg_temp.save('agent', 'Two', '[]', tests.id('acme template'), 'greeting'), 'TL001', 'not by an agent');
select is(pg_temp.save('admin', 'Two', '[]', tests.id('rival template'), 'greeting'), 'TL001', 'nor to another tenant''s');

select * from finish();
rollback;
