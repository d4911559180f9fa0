-- Texts with placeholders. A template is what people edit; each wording it ever had is a version that stays as it was.

create table public.message_templates (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  key text not null check (key ~ '^[a-z0-9]+([_-][a-z0-9]+)*$' and char_length(key) <= 64),
  name text not null check (char_length(btrim(name)) between 1 and 120),
  category text not null default '' check (char_length(category) <= 60),
  owner_id uuid,
  current_version_id uuid,
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id)
);
-- A key means one template at a time: of the team, or of one person.
create unique index message_templates_team_key on public.message_templates (organization_id, key)
  where owner_id is null and archived_at is null;
create unique index message_templates_personal_key on public.message_templates (organization_id, owner_id, key)
  where owner_id is not null and archived_at is null;
create index message_templates_current_version_idx on public.message_templates (current_version_id, organization_id);
comment on table public.message_templates is 'Texts with {{variables}}, of the team or of one member';
comment on column public.message_templates.key is 'What programs call it by; free again once the template is archived';
comment on column public.message_templates.owner_id is
  'Null: of the team. Else auth.users id without a foreign key: what was sent by it outlives the account';

create table public.template_versions (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null,
  template_id uuid not null,
  version integer not null check (version >= 1),
  body text not null,
  variables jsonb not null,
  created_by uuid,
  created_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (template_id, version),
  foreign key (organization_id, template_id) references public.message_templates (organization_id, id) on delete cascade
);
create index template_versions_template_idx on public.template_versions (template_id, organization_id);
comment on table public.template_versions is 'One wording of a template, never changed: what a job names stays what it was';
comment on column public.template_versions.variables is
  '[{name, required, default}] as parseTemplate of packages/messaging gives it; a variable is required when its default is null';
comment on column public.template_versions.created_by is 'auth.users id without a foreign key: the record outlives the account';

alter table public.message_templates add constraint message_templates_current_version_fkey
  foreign key (organization_id, current_version_id) references public.template_versions (organization_id, id)
  on delete set null (current_version_id);

create function private.keep_template_version() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' and not exists (select from public.message_templates t where t.id = old.template_id) then
    return old; -- goes with its template
  end if;
  raise exception 'template_versions is append-only';
end;
$$;
comment on function private.keep_template_version() is 'Keeps every wording as it was, for the owner of the table too';

create trigger template_versions_immutable before update or delete on public.template_versions
  for each row execute function private.keep_template_version();
create trigger template_versions_no_truncate before truncate on public.template_versions
  for each statement execute function private.refuse_change();
create trigger message_templates_touch before update on public.message_templates
  for each row execute function private.touch_row();

alter table public.message_templates enable row level security;
alter table public.template_versions enable row level security;
create policy message_templates_select on public.message_templates for select to authenticated
  using (
    organization_id in (select private.my_organization_ids())
    and (owner_id is null or owner_id = (select auth.uid()))
  );
create policy template_versions_select on public.template_versions for select to authenticated
  using (
    organization_id in (select private.my_organization_ids())
    -- Guarded by its own policy: a version is seen by those who see its template.
    and template_id in (select t.id from public.message_templates t)
  );
grant select on public.message_templates, public.template_versions to authenticated, service_role;

create function private.is_blank(p_text text) returns boolean
language sql immutable
return p_text is null
  or p_text !~ '[^ \t\n\v\f\r\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF]';
comment on function private.is_blank(text) is 'True for null and for what trim() of JavaScript (ECMA-262) makes empty';

create function private.placeholder_pattern() returns text
language sql immutable
set search_path = ''
as $$
  select format('\{\{-?%1$s([A-Za-z_][A-Za-z0-9_]{0,62})%1$s(?=\||-?\}\})',
    '[\s\u00A0\u1680\u180E\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF]*');
$$;
comment on function private.placeholder_pattern() is
  'What opens a placeholder, up to its first filter or its end; spaces are spelled out, because what \s covers beyond ASCII depends on the locale';

create function private.template_names(p_body text) returns text[]
language sql immutable
set search_path = ''
as $$
  select coalesce(array_agg(distinct m.found[1]), '{}')
  from regexp_matches(p_body, private.placeholder_pattern(), 'g') as m (found);
$$;
comment on function private.template_names(text) is 'The names between {{ and }} or |, each once';

create function private.check_template(p_body text, p_variables jsonb) returns void
language plpgsql immutable
set search_path = ''
as $$
declare
  v_listed text[];
  v_used constant text[] := private.template_names(p_body);
  v_name text;
begin
  if private.is_blank(p_body) then
    raise exception using errcode = 'TL002', message = 'The template is empty';
  end if;
  if private.utf16_length(p_body) > 4000 then
    raise exception using errcode = 'TL002', message = 'The template is longer than 4,000 characters';
  end if;
  if p_body ~ '\{%' then
    raise exception using errcode = 'TL002', message = 'A template has {{ variables }} and no {% tags %}';
  end if;
  if not coalesce(jsonb_typeof(p_variables) = 'array', false)
    or jsonb_path_exists(p_variables, '$[*] ? (@.type() != "object")') then
    raise exception using errcode = 'TL002', message = 'The variables are a list of {name, required, default}';
  end if;
  select coalesce(array_agg(v.item ->> 'name'), '{}') into v_listed from jsonb_array_elements(p_variables) as v (item)
  where jsonb_typeof(v.item -> 'name') = 'string'
    and coalesce(jsonb_typeof(v.item -> 'default'), 'null') in ('null', 'string')
    and v.item -> 'required' = to_jsonb(v.item ->> 'default' is null);
  if cardinality(v_listed) <> jsonb_array_length(p_variables)
    or cardinality(v_listed) <> (select count(distinct n) from unnest(v_listed) as n) then
    raise exception using errcode = 'TL002', message = 'The variables are a list of {name, required, default}, each name once';
  end if;
  select n into v_name from unnest(v_used) as n where n <> all (v_listed) limit 1;
  if v_name is not null then
    raise exception using errcode = 'TL002', message = format('The variable "%s" is used but not listed', v_name);
  end if;
  select n into v_name from unnest(v_listed) as n where n <> all (v_used) limit 1;
  if v_name is not null then
    raise exception using errcode = 'TL002', message = format('The variable "%s" is listed but not used', v_name);
  end if;
  -- What opens and is no placeholder as above would be read differently by whoever renders it.
  if p_body ~ '\{\{\{' or regexp_count(p_body, '\{\{') <> regexp_count(p_body, private.placeholder_pattern()) then
    raise exception using errcode = 'TL002', message = 'Between {{ and }} belongs the name of a variable';
  end if;
end;
$$;
comment on function private.check_template(text, jsonb) is
  'Holds a list of variables, as the parser gave it, against the names the text uses. The syntax in all its detail is the parser''s. Errors: TL002';

create function private.missing_variables(p_template_version public.template_versions, p_variables jsonb) returns text[]
language sql immutable
set search_path = ''
as $$
  select coalesce(array_agg(v.item ->> 'name' order by v.n), '{}')
  from jsonb_array_elements(p_template_version.variables) with ordinality as v (item, n)
  cross join lateral (
    select case when jsonb_typeof(p_variables) = 'object' then p_variables -> (v.item ->> 'name') end as given
  ) g
  where (v.item ->> 'required')::boolean
    and case jsonb_typeof(g.given)
      when 'string' then private.is_blank(g.given #>> '{}')
      when 'number' then false
      when 'boolean' then false
      else true
    end;
$$;
comment on function private.missing_variables(public.template_versions, jsonb) is
  'Required variables without a value, in the order of the template. Null, blank text, lists and objects are no values; as in renderTemplate of packages/messaging';

create function private.template_values(p_template_version public.template_versions, p_variables jsonb) returns jsonb
language sql immutable
set search_path = ''
as $$
  select coalesce(jsonb_agg(
    case
      when jsonb_typeof(g.given) in ('number', 'boolean') then g.given #>> '{}'
      when jsonb_typeof(g.given) = 'string' and not private.is_blank(g.given #>> '{}') then g.given #>> '{}'
      else v.item ->> 'default'
    end order by v.n
  ), '[]')
  from jsonb_array_elements(p_template_version.variables) with ordinality as v (item, n)
  cross join lateral (
    select case when jsonb_typeof(p_variables) = 'object' then p_variables -> (v.item ->> 'name') end as given
  ) g;
$$;
comment on function private.template_values(public.template_versions, jsonb) is
  'What stands in the text for each variable of the template, in its order; null for what is missing. As in renderTemplate of packages/messaging';

create function private.template_object(p_template_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', t.id, 'organization_id', t.organization_id, 'key', t.key, 'name', t.name, 'category', t.category,
    'personal', t.owner_id is not null, 'archived_at', t.archived_at, 'version_id', v.id, 'version', v.version,
    'body', v.body, 'variables', v.variables, 'updated_at', t.updated_at
  )
  from public.message_templates t left join public.template_versions v on v.id = t.current_version_id
  where t.id = p_template_id;
$$;
comment on function private.template_object(uuid) is 'A template with its present wording';

create function private.editable_template(p_template_id uuid) returns public.message_templates
language plpgsql volatile
set search_path = ''
as $$
declare
  v_template public.message_templates;
begin
  select t.* into v_template from public.message_templates t where t.id = p_template_id
    and t.organization_id in (select private.my_organization_ids())
    and (t.owner_id is null or t.owner_id = (select auth.uid()))
  for no key update;
  if v_template.owner_id is null then
    perform private.require_admin(v_template.organization_id);
  end if;
  return v_template;
end;
$$;
comment on function private.editable_template(uuid) is
  'Locks a template the caller may change: the team''s for admins, their own for everybody. Errors: TL001';

create function private.put_template(
  p_organization_id uuid, p_template_id uuid, p_key text, p_name text, p_category text, p_personal boolean
) returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_template public.message_templates;
  v_id uuid;
begin
  if p_template_id is not null then
    v_template := private.editable_template(p_template_id);
    if v_template.organization_id is distinct from p_organization_id then
      raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
    end if;
    if v_template.archived_at is not null then
      raise exception using errcode = 'TL002', message = 'This template is archived; save it as a new one';
    end if;
    if (v_template.owner_id is not null) is distinct from p_personal then
      raise exception using errcode = 'TL002', message = 'A template of the team stays one, and so does a personal one';
    end if;
    update public.message_templates t set key = p_key, name = btrim(p_name), category = coalesce(btrim(p_category), '')
    where t.id = p_template_id;
    return p_template_id;
  end if;
  if p_personal and p_organization_id in (select private.my_organization_ids()) then
    null; -- everybody writes their own
  else
    perform private.require_admin(p_organization_id);
  end if;
  insert into public.message_templates (organization_id, key, name, category, owner_id)
  values (p_organization_id, p_key, btrim(p_name), coalesce(btrim(p_category), ''),
    case when p_personal then (select auth.uid()) end)
  returning id into v_id;
  return v_id;
exception when unique_violation then
  raise exception using errcode = 'TL002', message = format('There is a template with the key "%s" already', p_key);
end;
$$;
comment on function private.put_template(uuid, uuid, text, text, text, boolean) is 'Makes a template or changes what is not its wording; returns its id';

create function private.save_template(
  p_organization_id uuid, p_template_id uuid, p_key text, p_name text, p_category text, p_body text, p_variables jsonb,
  p_personal boolean
) returns jsonb
language plpgsql volatile
security definer -- templates have no write grant, so that no wording goes unchecked
set search_path = ''
as $$
declare
  v_id uuid;
  v_version public.template_versions;
begin
  if p_organization_id is null or p_organization_id not in (select private.my_organization_ids()) then
    raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
  end if;
  if p_key is null or p_key !~ '^[a-z0-9]+([_-][a-z0-9]+)*$' or char_length(p_key) > 64 then
    raise exception using errcode = 'TL002',
      message = 'A key has at most 64 small letters and digits, in words joined by _ or -';
  end if;
  if p_name is null or char_length(btrim(p_name)) not between 1 and 120 or char_length(btrim(p_category)) > 60 then
    raise exception using errcode = 'TL002', message = 'A template needs a name of 1 to 120 characters; a category has at most 60';
  end if;
  perform private.check_template(p_body, p_variables);
  v_id := private.put_template(p_organization_id, p_template_id, p_key, p_name, p_category, coalesce(p_personal, false));
  select v.* into v_version from public.template_versions v where v.template_id = v_id order by v.version desc limit 1;
  if v_version.id is null or v_version.body <> p_body or v_version.variables <> p_variables then
    insert into public.template_versions (organization_id, template_id, version, body, variables, created_by)
    values (p_organization_id, v_id, coalesce(v_version.version, 0) + 1, p_body, p_variables, (select auth.uid()))
    returning * into v_version;
    update public.message_templates t set current_version_id = v_version.id where t.id = v_id;
  end if;
  if not coalesce(p_personal, false) then
    perform private.write_audit(p_organization_id, 'template_saved', 'template', v_id::text,
      jsonb_build_object('key', p_key, 'version', v_version.version));
  end if;
  return private.template_object(v_id);
end;
$$;
comment on function private.save_template(uuid, uuid, text, text, text, text, jsonb, boolean) is
  'Makes or changes a template; another wording is another version, the same one is none';

create function public.save_template(
  p_organization_id uuid, p_template_id uuid, p_key text, p_name text, p_category text, p_body text, p_variables jsonb,
  p_personal boolean default false
) returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.save_template(
    p_organization_id, p_template_id, p_key, p_name, p_category, p_body, p_variables, p_personal
  );
$$;
comment on function public.save_template(uuid, uuid, text, text, text, text, jsonb, boolean) is
  'Saves a template (a new one when the id is null) and returns it. The variables are what parseTemplate of packages/messaging finds in the body. Errors: TL001, TL002';

create function private.archive_template(p_template_id uuid) returns void
language plpgsql volatile
security definer -- templates have no write grant
set search_path = ''
as $$
declare
  v_template public.message_templates;
begin
  v_template := private.editable_template(p_template_id);
  update public.message_templates t set archived_at = now() where t.id = p_template_id and t.archived_at is null;
  if found and v_template.owner_id is null then
    perform private.write_audit(v_template.organization_id, 'template_archived', 'template', p_template_id::text,
      jsonb_build_object('key', v_template.key));
  end if;
end;
$$;
comment on function private.archive_template(uuid) is 'Takes a template out of use';

create function public.archive_template(p_template_id uuid) returns void
language sql volatile
set search_path = ''
as $$ select private.archive_template(p_template_id); $$;
comment on function public.archive_template(uuid) is
  'Takes a template out of use; jobs that name one of its versions still go out. Errors: TL001';

grant execute on function
  private.save_template(uuid, uuid, text, text, text, text, jsonb, boolean), private.archive_template(uuid),
  public.save_template(uuid, uuid, text, text, text, text, jsonb, boolean), public.archive_template(uuid)
to authenticated;
