begin;
select plan(8);
select tests.build_world();

insert into public.template_versions (id, organization_id, template_id, version, body, variables)
values (tests.id('visit'), tests.id('acme'), tests.id('acme template'), 2, '{{ room }} {{ name | default: "there" }}',
  '[{"name": "room", "required": true, "default": null}, {"name": "name", "required": false, "default": "there"}]');
update public.message_templates set current_version_id = tests.id('visit') where id = tests.id('acme template');

create function pg_temp.ask(p_variables jsonb, p_more jsonb default '{"dedupe_window_seconds": 300}') returns text
language sql volatile
as $$
  select coalesce(r ->> 'code', r ->> 'outcome')
  from tests.enqueue(jsonb_build_object('body', null, 'template', 'greeting', 'variables', p_variables) || p_more) r;
$$;

select is(pg_temp.ask('{"room": 5}'), 'accepted', 'a template is filled in');
select is(pg_temp.ask('{"room": "5"}'), 'TL113', 'a number is read as its digits');
select is(pg_temp.ask('{"room": "5", "name": "there"}'), 'TL113', 'a default given is a default taken');
select is(pg_temp.ask('{"room": "5", "name": " "}'), 'TL113', 'as is a blank');
select is(pg_temp.ask('{"room": "5", "request": "another"}'), 'TL113', 'a value nobody asked for says nothing');
select is(pg_temp.ask('{"room": "5", "name": "Maria"}'), 'accepted', 'another value is another text');

select is(pg_temp.ask('{"room": 7}', '{"idempotency_key": "k"}'), 'accepted', 'what counts for texts');
select is(pg_temp.ask('{"room": "7", "at": "2026-01-01T10:00:00Z"}', '{"idempotency_key": "k"}'), 'duplicate', 'counts for keys');

select * from finish();
rollback;
