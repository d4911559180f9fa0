begin;
select plan(3);
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

select is(
  pg_temp.save('admin', 'Hi', '[]', tests.id('acme template'), 'greeting', true), 'TL002', 'the team''s does not become personal'
);
select is(tests.try_as('admin', format('select public.archive_template(%L)', tests.id('acme template'))), '1 rows', 'archived');
select is(pg_temp.save('admin', 'Hi', '[]', tests.id('acme template'), 'greeting'), 'TL002', 'what is archived is not edited');

select * from finish();
rollback;
