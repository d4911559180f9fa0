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

select is(pg_temp.save('admin', 'Hi', '[]', p_key => 'greeting'), 'TL002', 'taken by the team');
select is(pg_temp.save('agent', 'Hi', '[]', p_key => 'greeting', p_personal => true), '1 rows', 'free for a person');
select is(pg_temp.save('agent', 'Hi', '[]', p_key => 'greeting', p_personal => true), 'TL002', 'once');
select is(pg_temp.save('second agent', 'Hi', '[]', p_key => 'greeting', p_personal => true), '1 rows', 'and for another person');
select is(tests.try_as('admin', format('select public.archive_template(%L)', tests.id('acme template'))), '1 rows', 'archived');
select is(pg_temp.save('admin', 'Hi', '[]', p_key => 'greeting'), '1 rows', 'free again');

select * from finish();
rollback;
