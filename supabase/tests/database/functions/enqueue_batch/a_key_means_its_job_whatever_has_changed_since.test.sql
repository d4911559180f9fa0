begin;
select plan(8);
select tests.build_world();

create function pg_temp.ask(p_more jsonb default '{}') returns text
language sql volatile
as $$
  select coalesce(r ->> 'code', r ->> 'outcome') from tests.enqueue(
    '{"body": null, "template": "greeting", "variables": {"name": "Maria"}, "idempotency_key": "k"}'::jsonb || p_more
  ) r;
$$;

select is(pg_temp.ask(), 'accepted', 'a key is used');
insert into public.template_versions (id, organization_id, template_id, version, body, variables)
select tests.id('other words'), v.organization_id, v.template_id, 2, 'Hello {{ name }}', v.variables
from public.template_versions v where v.id = tests.id('acme template version');
update public.message_templates set current_version_id = tests.id('other words') where id = tests.id('acme template');
select is(pg_temp.ask(), 'duplicate', 'and again when the template has other words');
select is(pg_temp.ask('{"variables": {"name": "Rosa"}}'), 'TL105', 'but not with other values');
select is(pg_temp.ask('{"template": null, "body": "Hi Maria", "variables": {}}'), 'TL105', 'nor with words of its own');

update public.message_templates set archived_at = now() where id = tests.id('acme template');
select is(pg_temp.ask(), 'duplicate', 'nor is the template needed any more');
insert into public.message_templates (organization_id, key, name) values (tests.id('acme'), 'farewell', 'Farewell');
select is(pg_temp.ask('{"template": "farewell"}'), 'TL105', 'another template is other content');

update public.phone_numbers set status = 'paused' where organization_id = tests.id('acme');
select is(pg_temp.ask(), 'duplicate', 'nor the number it went out from');
select is(pg_temp.ask('{"from": "+19999999999"}'), 'TL105', 'but another number is another request');

select * from finish();
rollback;
