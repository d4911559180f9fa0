-- What people, programs and workers do to send.

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
