create table public.message_templates (id uuid primary key, organization_id uuid, key text, archived_at timestamptz, current_version_id uuid);
create table public.template_versions (id uuid primary key, body text, variables jsonb);
create function private.missing_variables(p_template_version public.template_versions, p_variables jsonb) returns text[] language sql stable set search_path='' as $$ select '{}'::text[] $$;
