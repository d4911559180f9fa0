begin;
select plan(2);
select tests.build_world();

insert into public.message_templates (id, organization_id, key, name, owner_id)
values (tests.id('own'), tests.id('acme'), 'greeting', 'Mine', tests.id('agent'));
select is(
  (select string_agg(r ->> 'outcome', ' ') from tests.enqueue('{"body": null, "template": "greeting", "variables": {"name": "Maria"}}') r),
  'accepted', 'a program gets the team''s'
);
update public.message_templates set archived_at = now() where id = tests.id('acme template');
select is((select r ->> 'code' from tests.enqueue('{"body": null, "template": "greeting", "variables": {"name": "Maria"}}') r), 'TL110', 'or none');

select * from finish();
rollback;
