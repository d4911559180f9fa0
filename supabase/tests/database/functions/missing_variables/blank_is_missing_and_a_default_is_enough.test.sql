begin;
select plan(12);
select tests.build_world();

create function pg_temp.missing(p_variables jsonb) returns text
language sql
as $$
  select private.missing_variables(v, p_variables)::text from public.template_versions v
  where v.template_id = tests.id('acme template') and v.version = 2;
$$;
select isnt(tests.try_as('admin', format(
  'select public.save_template(%L, %L, ''greeting'', ''Greeting'', null, %L, %L)', tests.id('acme'), tests.id('acme template'),
  '{{ b }} {{ a }} {{ c | default: "x" }}',
  '[{"name": "b", "required": true, "default": null}, {"name": "a", "required": true, "default": null},
    {"name": "c", "required": false, "default": "x"}]'
)), 'TL002', 'a template with two required variables');

select is(pg_temp.missing(given::jsonb), expected, coalesce(given, 'null'))
from (values
  (null, '{b,a}'), ('{}', '{b,a}'), ('{"a": "x", "b": "y"}', '{}'), ('{"a": "x", "b": "y", "c": null, "d": 1}', '{}'),
  ('{"a": 0, "b": false}', '{}'), ('{"a": null, "b": "y"}', '{a}'), ('{"a": "x", "b": ""}', '{b}'),
  ('{"a": " \n\u00a0\ufeff", "b": "y"}', '{a}'), ('{"a": ["x"], "b": {}}', '{b,a}'), ('{"A": "x", "b": "y"}', '{a}'),
  ('["a", "b"]', '{b,a}')
) as c (given, expected);

select * from finish();
rollback;
