begin;
select plan(35);
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

create function pg_temp.listed(variadic p_names text[]) returns jsonb
language sql
as $$ select jsonb_agg(jsonb_build_object('name', n, 'required', true, 'default', null)) from unnest(p_names) as n; $$;

select is(pg_temp.save('admin', body, variables, p_key => 'k' || n), expected, n || ' ' || coalesce(left(body, 60), 'null'))
from (values
  (1, 'Hi {{ a }}', pg_temp.listed('a'), '1 rows'),
  (2, 'Hi {{a}}{{-  b -}} {{ a | upcase }}', pg_temp.listed('a', 'b'), '1 rows'),
  (3, E'Hi {{\n\ta }}', pg_temp.listed('a'), '1 rows'),
  (4, 'Hi {{ a | default: "x" }}', '[{"name": "a", "required": false, "default": "x"}]', '1 rows'),
  (5, 'Hi {{ a | default: "" }}', '[{"name": "a", "required": false, "default": ""}]', '1 rows'),
  (6, 'Hi {{ _A9 }}', pg_temp.listed('_A9'), '1 rows'),
  (7, 'Hi } }} {', '[]', '1 rows'),
  (8, 'Hi {{ a }}', '[]', 'TL002'),
  (9, 'Hi {{ a }} {{ b | upcase }}', pg_temp.listed('a'), 'TL002'),
  (10, 'Hi', pg_temp.listed('a'), 'TL002'),
  (11, 'Hi {{ a }}', pg_temp.listed('a', 'a'), 'TL002'),
  (12, 'Hi {{ a.b }}', pg_temp.listed('a'), 'TL002'),
  (13, 'Hi {{ a', pg_temp.listed('a'), 'TL002'),
  (14, 'Hi {{ }}', '[]', 'TL002'),
  (15, 'Hi {{{ a }}}', pg_temp.listed('a'), 'TL002'),
  (16, 'Hi {{ a b }}', pg_temp.listed('a'), 'TL002'),
  (17, 'Hi {{ first-name }}', pg_temp.listed('first'), 'TL002'),
  (18, '{% if a %}{{ a }}{% endif %}', pg_temp.listed('a'), 'TL002'),
  (19, '{{ "a" }}', '[]', 'TL002'),
  (20, null, '[]', 'TL002'),
  (21, '', '[]', 'TL002'),
  (22, U&' \000A\00A0\FEFF', '[]', 'TL002'),
  (23, repeat('x', 4000), '[]', '1 rows'),
  (24, repeat('x', 4001), '[]', 'TL002'),
  (25, 'Hi', null, 'TL002'),
  (26, 'Hi', '{}', 'TL002'),
  (27, 'Hi {{ a }}', '["a"]', 'TL002'),
  (28, 'Hi {{ a }}', '[null]', 'TL002'),
  (29, 'Hi {{ a }}', '[{"name": "a", "required": false, "default": null}]', 'TL002'),
  (30, 'Hi {{ a }}', '[{"name": "a", "required": true, "default": "x"}]', 'TL002'),
  (31, 'Hi {{ a }}', '[{"name": "a", "required": "true", "default": null}]', 'TL002'),
  (32, 'Hi {{ a }}', '[{"name": "a", "required": false, "default": 1}]', 'TL002'),
  (33, 'Hi {{ a }}', '[{"name": 1, "required": true, "default": null}]', 'TL002'),
  (34, 'Hi {{ a }}', '[{"name": "a", "required": true}]', '1 rows'),
  (35, 'Hi {{ a }}', '"a"', 'TL002')
) as c (n, body, variables, expected);

select * from finish();
rollback;
