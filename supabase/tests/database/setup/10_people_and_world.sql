-- What the tests share: people to act as, two organizations to act in, and short names for what they do all the time
-- (in the files beside this one).
-- The runner loads this folder once before the tests; it is no migration and must never reach a database with customers in it.

set client_min_messages = warning;
drop schema if exists tests cascade;
create schema tests;

-- Tests run as many roles, and pgTAP is theirs to call.
grant usage on schema tests, extensions to public;
grant execute on all functions in schema extensions to public;
alter default privileges in schema tests grant execute on functions to public;

-- People -----------------------------------------------------------------------------------------------------------

-- The same name is the same id in every test.
create function tests.id(p_name text) returns uuid
language sql immutable
as $$ select md5('threadline:' || p_name)::uuid; $$;

create function tests.everybody() returns text[]
language sql immutable
as $$
  select array[
    'anonymous visitor', 'stranger', 'rival agent', 'rival owner', 'suspended member', 'agent', 'admin', 'owner',
    'secret key', 'worker'
  ];
$$;

create function tests.members() returns text[]
language sql immutable
as $$ select array['agent', 'admin', 'owner']; $$;

create function tests.admins() returns text[]
language sql immutable
as $$ select array['admin', 'owner']; $$;

create function tests.outsiders() returns text[]
language sql immutable
as $$ select array['stranger', 'rival agent', 'rival owner', 'suspended member']; $$;

create function tests.create_user(p_name text, p_email text default null) returns uuid
language sql volatile
as $$
  insert into auth.users (id, email, email_confirmed_at)
  values (tests.id(p_name), coalesce(p_email, replace(p_name, ' ', '.') || '@example.com'), now())
  returning id;
$$;

-- From here to the end of the transaction everything runs as this person, the way the Data API would run it.
create function tests.become(p_who text) returns void
language plpgsql volatile
as $$
declare
  v_role constant text := case p_who
    when 'anonymous visitor' then 'anon'
    when 'secret key' then 'service_role'
    when 'worker' then 'threadline_worker'
    when 'database owner' then 'none'
    else 'authenticated'
  end;
  v_sub constant text := case when v_role = 'authenticated' then tests.id(p_who)::text else '' end;
begin
  perform set_config('request.jwt.claim.sub', v_sub, true);
  perform set_config(
    'request.jwt.claims',
    case when v_role = 'none' then '' else jsonb_build_object('sub', nullif(v_sub, ''), 'role', v_role)::text end, true
  );
  perform set_config('role', v_role, true);
end;
$$;

-- "3 rows" for a statement that ran, its SQLSTATE for one that was refused.
create function tests.try_as(p_who text, p_statement text) returns text
language plpgsql volatile
as $$
declare
  v_count bigint;
  v_result text;
begin
  perform tests.become(p_who);
  begin
    execute p_statement;
    get diagnostics v_count = row_count;
    v_result := v_count || ' rows';
  exception when others then
    v_result := sqlstate;
  end;
  perform tests.become('database owner');
  return v_result;
end;
$$;

-- The one value a query gives to this person.
create function tests.value_as(p_who text, p_query text) returns text
language plpgsql volatile
as $$
declare
  v_value text;
begin
  perform tests.become(p_who);
  execute p_query into v_value;
  perform tests.become('database owner');
  return v_value;
end;
$$;

-- A statement that writes to any row of a table, to be refused.
create function tests.write_statement(p_verb text, p_table text) returns text
language sql immutable
as $$
  select case p_verb
    when 'insert' then format('insert into public.%I default values', p_table)
    when 'update' then format(
      'update public.%1$I set %2$I = %2$I', p_table, case p_table when 'organizations' then 'id' else 'organization_id' end
    )
    when 'delete' then format('delete from public.%I', p_table)
    when 'truncate' then format('truncate public.%I cascade', p_table)
  end;
$$;

-- The rows of one organization.
create function tests.rows_of(p_organization text, p_table text) returns text
language sql immutable
as $$
  select format(
    'select from public.%I where %I = %L', p_table,
    case p_table when 'organizations' then 'id' else 'organization_id' end, tests.id(p_organization)
  );
$$;

-- The world ---------------------------------------------------------------------------------------------------------

-- One organization with a row in every table; ids are tests.id('<organization> <what>').
create function tests.build_organization(p_name text, p_phone_number text) returns void
language plpgsql volatile
as $$
declare
  v_organization constant uuid := tests.id(p_name);
  v_account constant uuid := tests.id(p_name || ' account');
  v_number constant uuid := tests.id(p_name || ' number');
  v_contact constant uuid := tests.id(p_name || ' contact');
  v_thread constant uuid := tests.id(p_name || ' thread');
  v_inbound constant uuid := tests.id(p_name || ' inbound');
  v_outbound constant uuid := tests.id(p_name || ' outbound');
begin
  -- Limits wide enough to be no part of any test that is not about them.
  insert into public.organizations (id, name, slug, agent_sends_per_minute) values (v_organization, initcap(p_name), p_name, null);
  insert into public.provider_accounts (
    id, organization_id, provider, account_ref, credentials_ref, requests_per_second, requests_in_flight
  )
  values (v_account, v_organization, 'twilio', 'AC-' || p_name, 'demo', 10000, 1000);
  insert into public.phone_numbers (id, organization_id, provider_account_id, phone_number, label, segments_per_second)
  values (v_number, v_organization, v_account, p_phone_number, 'Main', 10000);
  insert into public.contacts (id, organization_id, phone_number, name)
  values (v_contact, v_organization, '+13125550142', 'Maria');
  insert into public.threads (id, organization_id, contact_id, phone_number_id, last_sequence, last_inbound_sequence)
  values (v_thread, v_organization, v_contact, v_number, 2, 1);
  insert into public.messages (
    id, organization_id, thread_id, sequence, direction, body, status, provider_account_id, provider_message_id, sent_at
  ) values
    (v_inbound, v_organization, v_thread, 1, 'inbound', 'Hello?', 'received', v_account, 'SM-' || p_name || '-in', null),
    (v_outbound, v_organization, v_thread, 2, 'outbound', 'Hi Maria', 'sent', v_account, 'SM-' || p_name || '-out', now());
  update public.threads set last_message_id = v_outbound where id = v_thread;
  insert into public.message_media (id, organization_id, message_id, position, content_type, provider_url)
  values (tests.id(p_name || ' picture'), v_organization, v_inbound, 0, 'image/png', 'https://carrier.test/1');
  insert into public.message_jobs (
    id, organization_id, message_id, thread_id, phone_number_id, recipient, body, queue_name
  )
  values (tests.id(p_name || ' job'), v_organization, v_outbound, v_thread, v_number, '+13125550142', 'Hi Maria',
    'sms_priority_queue');
  update public.message_jobs set status = 'processing' where id = tests.id(p_name || ' job');
  update public.message_jobs set status = 'sent' where id = tests.id(p_name || ' job');
  insert into public.send_attempts (
    id, organization_id, job_id, message_id, provider_account_id, sender, recipient, body_sha256, state, worker_id,
    lease_expires_at, provider_message_id
  )
  values (tests.id(p_name || ' attempt'), v_organization, tests.id(p_name || ' job'), v_outbound, v_account, p_phone_number,
    '+13125550142', sha256('Hi Maria'), 'accepted', 'w0', now(), 'SM-' || p_name || '-out');
  insert into public.carrier_recalls (organization_id, job_id, attempt_id, reason, state, finished_at)
  values (v_organization, tests.id(p_name || ' job'), tests.id(p_name || ' attempt'), 'cancelled', 'too_late', now());
  insert into public.message_events (organization_id, message_id, event_key, provider_status)
  values (v_organization, v_outbound, 'k-' || p_name, 'sent');
  insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source)
  values (v_organization, '+13125550199', true, 'member');
  insert into public.webhook_events (organization_id, provider, account_ref, kind, event_key, event, status)
  values (v_organization, 'twilio', 'AC-' || p_name, 'inbound_message', 'k-' || p_name, '{}', 'processed');
  insert into public.audit_logs (organization_id, action, subject_kind, subject_id) values (v_organization, 'x', 'y', 'z');
  insert into public.invitations (organization_id, email, role, token_hash, expires_at)
  values (v_organization, 'new@' || p_name || '.test', 'agent', sha256(p_name::bytea), now() + interval '7 days');
  insert into public.message_templates (id, organization_id, key, name)
  values (tests.id(p_name || ' template'), v_organization, 'greeting', 'Greeting');
  insert into public.template_versions (id, organization_id, template_id, version, body, variables)
  values (tests.id(p_name || ' template version'), v_organization, tests.id(p_name || ' template'), 1, 'Hi {{ name }}',
    '[{"name": "name", "required": true, "default": null}]');
  update public.message_templates set current_version_id = tests.id(p_name || ' template version')
  where id = tests.id(p_name || ' template');
  insert into public.api_keys (id, organization_id, name, key_prefix, key_hash)
  values (tests.id(p_name || ' api key'), v_organization, 'Reminders', 'tl_live_test', sha256(convert_to('tl_live_' || p_name, 'UTF8')));
end;
$$;

create function tests.build_world() returns setof text
language plpgsql volatile
as $$
begin
  perform tests.create_user(who) from unnest(tests.members() || tests.outsiders() || array['second agent']) who;
  perform tests.build_organization('acme', '+12125550100');
  perform tests.build_organization('rival', '+12125550200');
  insert into public.members (organization_id, user_id, role, display_name, email, status)
  select tests.id(m.organization), tests.id(m.who), m.role, initcap(m.who), replace(m.who, ' ', '.') || '@example.com', m.status
  from (values
    ('acme', 'owner', 'owner', 'active'), ('acme', 'admin', 'admin', 'active'), ('acme', 'agent', 'agent', 'active'),
    ('acme', 'second agent', 'agent', 'active'), ('acme', 'suspended member', 'admin', 'suspended'),
    ('rival', 'rival owner', 'owner', 'active'), ('rival', 'rival agent', 'agent', 'active')
  ) as m (organization, who, role, status);
  insert into public.thread_reads (organization_id, thread_id, user_id, last_read_sequence) values
    (tests.id('acme'), tests.id('acme thread'), tests.id('second agent'), 1),
    (tests.id('rival'), tests.id('rival thread'), tests.id('rival agent'), 1);
  -- A test asks for what it caused, not for what made the world.
  delete from realtime.messages;
end;
$$;
