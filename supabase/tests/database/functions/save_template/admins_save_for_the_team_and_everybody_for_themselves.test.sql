begin;
select plan(12);
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

select is(pg_temp.save(who, 'Hi', '[]'), 'TL001', format('not for the team: %s', who))
from unnest(tests.outsiders() || array['agent']) who;
select is(pg_temp.save('admin', 'Hi', '[]'), '1 rows', 'an admin may');
select is(pg_temp.save('agent', 'Hi', '[]', p_personal => true), '1 rows', 'an agent keeps their own, under the same key');
select is(pg_temp.save(who, 'Hi', '[]', p_personal => true), 'TL001', format('nor a personal one: %s', who))
from unnest(tests.outsiders()) who;
select is(
  (select string_agg(coalesce(t.owner_id, t.organization_id)::text, ',' order by t.created_at, t.id) from public.message_templates t where t.key = 'visit'),
  tests.id('acme') || ',' || tests.id('agent'), 'one of the team and one of the agent'
);

select * from finish();
rollback;
