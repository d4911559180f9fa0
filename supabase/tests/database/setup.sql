-- What the tests share: people to act as, two organizations to act in, and short names for what they do all the time.
-- The runner loads this once before the tests; it is no migration and must never reach a database with customers in it.

set client_min_messages = warning;
drop schema if exists tests cascade;
create schema tests;

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

-- What people do ----------------------------------------------------------------------------------------------------

create function tests.send(
  p_body text, p_client_key uuid default gen_random_uuid(), p_who text default 'agent', p_thread text default 'acme thread'
) returns jsonb
language sql volatile
as $$
  select tests.value_as(
    p_who, format('select public.send_message(%L, %L, %L)', tests.id(p_thread), p_body, p_client_key)
  )::jsonb;
$$;

-- Sends and gives the message's id.
create function tests.sent_id(p_body text, p_thread text default 'acme thread') returns uuid
language sql volatile
as $$ select (tests.send(p_body, p_thread => p_thread) ->> 'id')::uuid; $$;

create function tests.add_thread(p_name text, p_recipient text, p_organization text default 'acme') returns uuid
language plpgsql volatile
as $$
begin
  insert into public.contacts (id, organization_id, phone_number)
  values (tests.id(p_name || ' contact'), tests.id(p_organization), p_recipient);
  insert into public.threads (id, organization_id, contact_id, phone_number_id)
  values (tests.id(p_name), tests.id(p_organization), tests.id(p_name || ' contact'), tests.id(p_organization || ' number'));
  return tests.id(p_name);
end;
$$;

create function tests.claim(p_limit integer default 10, p_worker text default 'w1') returns setof jsonb
language plpgsql volatile
as $$
begin
  return query select c::jsonb from unnest(tests.value_as('worker', format(
    'select array(select c::text from worker.claim(%L, %L, 30) c)', p_worker, p_limit
  ))::text[]) c;
end;
$$;

-- A program enqueues: to a number of its own, at any hour, and as often as it likes, unless the job says otherwise.
create function tests.enqueue(variadic p_jobs jsonb[]) returns setof jsonb
language sql volatile
as $$
  select r from jsonb_array_elements(tests.value_as('secret key', format('select public.enqueue_batch(%L, %L)', tests.id('acme'), (
    select jsonb_agg('{"to": "+14155550123", "body": "Hello", "class": "urgent", "dedupe_window_seconds": 0}'::jsonb || j.job order by j.place)
    from unnest(p_jobs) with ordinality as j (job, place)
  )))::jsonb) r;
$$;

create function tests.enqueued_id(p_job jsonb default '{}') returns uuid
language sql volatile
as $$ select (r ->> 'job_id')::uuid from tests.enqueue(p_job) r; $$;

-- Where a job is: its status, "on its queue" or not, and why it is held.
create function tests.job_place(p_job_id uuid) returns text
language sql stable
as $$
  select j.status || case when j.queue_message_id is not null then ' on its queue' else '' end || coalesce(' ' || j.hold_reason, '')
  from public.message_jobs j where j.id = p_job_id;
$$;

-- Time passes for one job: what it waits for has come.
create function tests.make_due(p_job_id uuid) returns void
language sql volatile
as $$ update public.message_jobs set due_at = clock_timestamp() - interval '1 second' where id = p_job_id; $$;

-- What lets a place in time be counted on: so many a second, and so many requests at once.
create function tests.limit_acme(p_segments_per_second numeric, p_lines integer default 1000) returns void
language sql volatile
as $$
  update public.phone_numbers set segments_per_second = p_segments_per_second where id = tests.id('acme number');
  update public.provider_accounts set requests_in_flight = p_lines where id = tests.id('acme account');
$$;

-- Claims one job and gives the attempt's id.
create function tests.claimed_attempt() returns uuid
language sql volatile
as $$ select (c ->> 'attempt_id')::uuid from tests.claim(1) c; $$;

create function tests.complete(p_attempt_id uuid, p_outcome jsonb) returns integer
language sql volatile
as $$
  select tests.value_as('worker', format(
    'select worker.complete(%L, %L)', 'w1', jsonb_build_array(p_outcome || jsonb_build_object('attempt_id', p_attempt_id))
  ))::integer;
$$;

create function tests.accept(p_attempt_id uuid, p_provider_message_id text, p_provider_status text default null) returns integer
language sql volatile
as $$
  select tests.complete(p_attempt_id, jsonb_build_object(
    'outcome', 'accepted', 'provider_message_id', p_provider_message_id, 'http_status', 201, 'segments', 1,
    'provider_status', p_provider_status
  ));
$$;

-- Time passes: what was claimed is overdue.
create function tests.let_leases_run_out() returns setof text
language plpgsql volatile
as $$
begin
  -- Waits for nobody: it has no thread locked, and the engine locks attempts in an order of its own.
  update public.send_attempts set lease_expires_at = now() - interval '1 second' where id in (
    select a.id from public.send_attempts a where a.state = 'submitting' for no key update skip locked
  );
end;
$$;

-- Time passes: what a test submitted was submitted so long ago, and nobody has looked for its reports since.
create function tests.age_attempts(p_age interval) returns void
language sql volatile
as $$
  -- An attempt's id tells its time as well.
  update public.send_attempts a
  set started_at = clock_timestamp() - p_age,
    id = (left(private.uuid_at(clock_timestamp() - p_age)::text, 13) || substring(a.id::text from 14))::uuid;
  update private.report_watch set passed_id = '00000000-0000-0000-0000-000000000000';
$$;

-- Who is to be asked about at the carrier, by the carrier's ids.
create function tests.missing_reports(p_limit integer default 10) returns setof text
language sql volatile
as $$
  select c ->> 'provider_message_id' from unnest(tests.value_as('worker', format(
    'select array(select c::text from worker.claim_missing_reports(''w1'', %s, 300) c)', p_limit
  ))::jsonb[]) c
  order by 1;
$$;

-- Time passes: every carrier may be asked again.
create function tests.let_look_ups_come_due() returns void
language sql volatile
as $$ update private.missing_reports set look_up_after = clock_timestamp() - interval '1 second'; $$;

-- A customer texts acme.
create function tests.inbound(p_event jsonb default '{}') returns jsonb
language sql volatile
as $$
  select tests.value_as('secret key', format('select public.ingest_inbound_message(%L)', jsonb_build_object(
    'provider', 'twilio', 'account_ref', 'AC-acme', 'event_key', 'IN1', 'provider_message_id', 'IN1',
    'from', '+13125550142', 'to', '+12125550100', 'body', 'Hi', 'segments', 1, 'intent', null, 'media', '[]'::jsonb
  ) || p_event))::jsonb;
$$;

-- A text that a worker found in the log of acme's number, sent so long ago.
create function tests.found_text(p_ago interval, p_event jsonb default '{}', p_number text default 'acme number') returns jsonb
language sql volatile
as $$
  select tests.value_as('worker', format('select worker.take_missing_text(%L, %L)', tests.id(p_number), jsonb_build_object(
    'event_key', 'LOG1', 'provider_message_id', coalesce(p_event ->> 'event_key', 'LOG1'), 'from', '+13125550142', 'body', 'Hi',
    'segments', 1, 'intent', null, 'media', '[]'::jsonb, 'sent_at', clock_timestamp() - p_ago
  ) || p_event))::jsonb;
$$;

-- Whether acme may text the customer.
create function tests.is_blocked() returns boolean
language sql stable
as $$ select private.is_opted_out(tests.id('acme'), '+13125550142'); $$;

-- Time passes: acme has had its number and its account for so long, and looked into its log so long ago.
create function tests.age_number(p_age interval, p_looked interval default null) returns void
language plpgsql volatile
as $$
begin
  update public.provider_accounts set created_at = clock_timestamp() - p_age where id = tests.id('acme account');
  update public.phone_numbers set created_at = clock_timestamp() - p_age where id = tests.id('acme number');
  delete from private.inbound_looks;
  if p_looked is not null then
    insert into private.inbound_looks (phone_number_id, read_until, look_after, look_back_after)
    values (tests.id('acme number'), clock_timestamp() - p_looked, clock_timestamp(), clock_timestamp() + interval '1 hour');
  end if;
end;
$$;

-- A worker takes the next of acme's looks: since and until are how long ago, in whole minutes.
create function tests.claim_look() returns table (number text, since integer, until integer, looks_back boolean)
language sql volatile
as $$
  select c ->> 'phone_number', round(extract(epoch from clock_timestamp() - (c ->> 'since')::timestamptz) / 60)::integer,
    round(extract(epoch from clock_timestamp() - (c ->> 'until')::timestamptz) / 60)::integer, (c ->> 'looks_back')::boolean
  from unnest(tests.value_as('worker', 'select array(select c::text from worker.claim_inbound_looks(''w1'', 10, 300) c)')::jsonb[]) c
  where c ->> 'organization_id' = tests.id('acme')::text;
$$;

-- And says how it went, having looked until so long ago.
create function tests.resolve_look(p_result jsonb, p_until interval default '2 minutes', p_number text default 'acme number')
returns text
language sql volatile
as $$
  select tests.value_as('worker', format('select worker.resolve_inbound_look(%L, %L)', tests.id(p_number),
    jsonb_build_object('kind', 'read', 'until', clock_timestamp() - p_until, 'looks_back', false, 'found', 0) || p_result));
$$;

-- In how many minutes acme's log is looked into again.
create function tests.next_look(p_number text default 'acme number') returns integer
language sql stable
as $$
  select round(extract(epoch from l.look_after - clock_timestamp()) / 60)::integer from private.inbound_looks l
  where l.phone_number_id = tests.id(p_number);
$$;

-- The carrier reports on a message of acme's.
create function tests.report(p_event jsonb) returns jsonb
language sql volatile
as $$
  select tests.value_as('secret key', format('select public.apply_delivery_report(%L)', jsonb_build_object(
    'provider', 'twilio', 'account_ref', 'AC-acme', 'event_key', md5(p_event::text),
    'provider_status', p_event ->> 'status'
  ) || p_event))::jsonb;
$$;

-- A number of acme's that its carrier schedules for.
create function tests.give_service() returns setof text
language plpgsql volatile
as $$
begin
  update public.phone_numbers set messaging_service_ref = 'MG-acme' where id = tests.id('acme number');
end;
$$;

-- A job that waits at the carrier, in the present by two hours unless it says otherwise.
create function tests.at_carrier(p_job jsonb default '{}', p_provider_message_id text default 'SM1') returns uuid
language plpgsql volatile
as $$
declare
  v_id uuid;
begin
  perform tests.give_service();
  v_id := tests.enqueued_id(jsonb_build_object('carrier_scheduling', true, 'scheduled_for', now() + interval '2 hours') || p_job);
  perform tests.accept((c ->> 'attempt_id')::uuid, p_provider_message_id, 'scheduled') from tests.claim() c;
  return v_id;
end;
$$;

-- A worker takes the wishes to have messages back, and gives what it is handed.
create function tests.claim_recalls(p_worker text default 'w1') returns setof jsonb
language sql volatile
as $$
  select r from jsonb_array_elements(coalesce(tests.value_as('worker', format(
    'select jsonb_agg(r) from worker.claim_recalls(%L, 10, 60) r', p_worker
  )), '[]')::jsonb) r;
$$;

-- What the carrier said to the one wish there is.
create function tests.resolve_recall(p_result jsonb) returns text
language sql volatile
as $$
  select tests.value_as('worker', format('select worker.resolve_recall(%L, %L)', r.id, p_result))
  from public.carrier_recalls r join public.message_jobs j on j.id = r.job_id
  where r.organization_id = tests.id('acme') and r.state = 'wanted';
$$;

-- Messages that wait for a time, job by job: status of the job, of its message, and whether the carrier holds that.
create function tests.whereabouts(p_job_id uuid) returns text
language sql stable
as $$
  select j.status || ', ' || coalesce(m.status, 'no message')
    || case when m.carrier_holds_until is not null then ' at the carrier' else '' end
  from public.message_jobs j left join public.messages m on m.id = j.message_id where j.id = p_job_id;
$$;

create function tests.message_status(p_message_id uuid) returns text
language sql stable
as $$ select m.status from public.messages m where m.id = p_message_id; $$;

create function tests.job_status(p_message_id uuid) returns text
language sql stable
as $$ select j.status from public.message_jobs j where j.message_id = p_message_id; $$;

-- Queue entries of a message's job, and whether a worker could read them now: "visible", "hidden" or "gone".
create function tests.queue_state(p_message_id uuid) returns text
language sql volatile
as $$
  select coalesce(max(case when q.vt <= clock_timestamp() then 'visible' else 'hidden' end), 'gone')
  from public.message_jobs j
  join (select msg_id, vt, message from pgmq.q_sms_priority_queue union all select msg_id, vt, message from pgmq.q_sms_queue) q
    on q.message ->> 'job_id' = j.id::text
  where j.message_id = p_message_id;
$$;

create function tests.broadcasts(p_event text) returns setof jsonb
language sql stable
as $$ select m.payload from realtime.messages m where m.event = p_event; $$;

-- Tests run as many roles, and pgTAP is theirs to call.
grant usage on schema tests, extensions to public;
grant execute on all functions in schema tests, extensions to public;
