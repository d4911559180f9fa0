-- What customers and carriers do, and what a worker asks carriers.

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
