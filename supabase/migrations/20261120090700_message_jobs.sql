-- The intent to send, the queues that carry it, and the attempts that keep it from happening twice.

select pgmq.create('sms_priority_queue');
select pgmq.create('sms_queue');
select pgmq.create('sms_dead_letter');

alter table pgmq.q_sms_priority_queue enable row level security;
alter table pgmq.q_sms_queue enable row level security;
alter table pgmq.q_sms_dead_letter enable row level security;
alter table pgmq.a_sms_priority_queue enable row level security;
alter table pgmq.a_sms_queue enable row level security;
alter table pgmq.a_sms_dead_letter enable row level security;

create sequence private.job_positions as bigint;

create table public.message_jobs (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null,
  thread_id uuid not null,
  message_id uuid,
  phone_number_id uuid not null,
  -- As private.is_phone_number, written out: it is checked with every step a job takes.
  recipient text not null check (recipient ~ '^\+([2-9][0-9]{6,14}|1[2-9][0-9]{2}[2-9][0-9]{6})$'),
  message_class text not null default 'conversational'
    check (message_class in ('conversational', 'transactional', 'marketing', 'urgent')),
  priority smallint not null default 5 check (priority between 0 and 10),
  -- No character has more than two units, so that short texts need not be measured with every step.
  body text check (char_length(body) <= 800 or private.utf16_length(body) <= 1600),
  template_version_id uuid,
  variables jsonb check (jsonb_typeof(variables) = 'object'),
  segments smallint not null default 1 check (segments >= 0),
  status text not null default 'queued',
  position bigint not null default nextval('private.job_positions'),
  is_head boolean not null default false,
  scheduled_for timestamptz not null default now(),
  carrier_at timestamptz,
  due_at timestamptz not null default now(),
  send_before timestamptz,
  window_until timestamptz,
  hold_reason text check (hold_reason in ('quiet_hours', 'limit', 'suspected_opt_out')),
  decision jsonb not null default '{}',
  retry_count smallint not null default 0,
  max_retries smallint not null default 6 check (max_retries between 0 and 20),
  idempotency_key text check (char_length(idempotency_key) between 1 and 200),
  content_key bytea,
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  error_details jsonb,
  queue_name text not null check (queue_name in ('sms_priority_queue', 'sms_queue')),
  queue_message_id bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (body is not null or template_version_id is not null),
  check ((hold_reason is not null) = (status = 'held')),
  foreign key (organization_id, message_id) references public.messages (organization_id, id) on delete cascade,
  foreign key (organization_id, thread_id) references public.threads (organization_id, id) on delete cascade,
  foreign key (organization_id, phone_number_id) references public.phone_numbers (organization_id, id) on delete restrict
) with (fillfactor = 85);
create unique index message_jobs_message_id_key on public.message_jobs (message_id, organization_id) where message_id is not null;
create unique index message_jobs_idempotency_key on public.message_jobs (idempotency_key, organization_id)
  where idempotency_key is not null;
-- Never two of one thread on the wire, whatever the functions below may get wrong.
create unique index message_jobs_on_the_wire_key on public.message_jobs (thread_id) where status = 'processing';
-- The order of a thread, and everything of a thread.
create index message_jobs_thread_idx on public.message_jobs (thread_id, (status in ('queued', 'processing')), position);
create index message_jobs_due_idx on public.message_jobs (due_at, position) where status in ('scheduled', 'held');
-- Heads are admitted by it; the others are only counted.
create index message_jobs_admission_idx on public.message_jobs (is_head, phone_number_id, queue_name, position)
  where status = 'queued' and queue_message_id is null;
create index message_jobs_standing_idx on public.message_jobs (organization_id, status)
  where status in ('scheduled', 'held', 'at_carrier', 'unknown', 'dead');
create index message_jobs_admitted_idx on public.message_jobs (phone_number_id, queue_name)
  where status in ('queued', 'processing') and queue_message_id is not null;
create index message_jobs_at_carrier_idx on public.message_jobs (due_at) where status = 'at_carrier';
create index message_jobs_trouble_idx on public.message_jobs (organization_id, updated_at desc)
  where status in ('unknown', 'dead', 'held');
comment on table public.message_jobs is 'The intent to send one message; a queue message carries only its id';
comment on column public.message_jobs.message_id is 'The message in the thread; a program''s job gets it when it goes out';
comment on column public.message_jobs.priority is 'More than 5 goes to the priority queue';
comment on column public.message_jobs.position is 'Jobs of one thread go out in this order; given when a job becomes due';
comment on column public.message_jobs.is_head is 'No earlier job of the thread is queued or at work: the job may be admitted to its queue';
comment on column public.message_jobs.scheduled_for is 'When the sender asked for it to go';
comment on column public.message_jobs.carrier_at is
  'When the carrier is to send what it was given before; null: the waiting is done here';
comment on column public.message_jobs.due_at is
  'When it may go, after quiet hours and limits; of what waits at the carrier, when its silence counts as sent';
comment on column public.message_jobs.window_until is 'Until when the recipient''s hours stay open; null when they do not bind';
comment on column public.message_jobs.decision is 'Why it may go when it may: zones, how they were found, rule versions, exemption';
comment on column public.message_jobs.queue_message_id is 'Set while the job is on its queue, that is, admitted';
comment on column public.message_jobs.content_key is 'Hash of recipient and content, to refuse the same text twice in a while';

-- Beside the job and not in it: a job is rewritten with every step, and with it the entries of its indexes.
create table private.accepted_contents (
  organization_id uuid not null,
  content_key bytea not null,
  job_id uuid not null,
  accepted_at timestamptz not null default now()
);
create index accepted_contents_key_idx on private.accepted_contents (content_key, organization_id, accepted_at);
create index accepted_contents_age_idx on private.accepted_contents using brin (accepted_at) with (autosummarize = on);
comment on table private.accepted_contents is 'What was accepted for whom and when, so that the same text is refused twice in a while';

create table private.job_transitions (
  from_status text not null,
  to_status text not null,
  event text not null,
  primary key (from_status, to_status)
);
comment on table private.job_transitions is 'The life of a job: every move there is and the event that causes it (docs/message-lifecycle.md)';

insert into private.job_transitions (from_status, to_status, event) values
  ('scheduled', 'queued', 'due'),
  ('scheduled', 'held', 'hours_closed'),
  ('scheduled', 'cancelled', 'cancelled_or_opted_out'),
  ('scheduled', 'failed', 'expired'),
  ('scheduled', 'sent', 'reported_after_all'),
  ('scheduled', 'delivered', 'reported_after_all'),
  ('scheduled', 'undelivered', 'reported_after_all'),
  ('held', 'queued', 'released'),
  ('held', 'scheduled', 'rescheduled'),
  ('held', 'cancelled', 'cancelled_or_opted_out'),
  ('held', 'failed', 'expired'),
  ('queued', 'processing', 'claimed'),
  ('queued', 'held', 'hours_closed_or_limit'),
  ('queued', 'scheduled', 'rescheduled'),
  ('queued', 'cancelled', 'cancelled_or_opted_out'),
  ('queued', 'blocked', 'not_permitted_at_claim'),
  ('queued', 'failed', 'expired_or_not_renderable'),
  ('queued', 'sent', 'reported_after_all'),
  ('queued', 'delivered', 'reported_after_all'),
  ('queued', 'undelivered', 'reported_after_all'),
  ('held', 'sent', 'reported_after_all'),
  ('held', 'delivered', 'reported_after_all'),
  ('held', 'undelivered', 'reported_after_all'),
  ('processing', 'queued', 'later_or_released'),
  ('processing', 'sent', 'accepted'),
  ('processing', 'at_carrier', 'scheduled_at_carrier'),
  ('processing', 'scheduled', 'not_held_by_carrier'),
  ('processing', 'unknown', 'no_answer'),
  ('processing', 'delivered', 'reported'),
  ('processing', 'undelivered', 'reported'),
  ('processing', 'failed', 'refused_or_reported'),
  ('processing', 'cancelled', 'reported'),
  ('processing', 'blocked', 'refused_opted_out'),
  ('processing', 'dead', 'retries_used_up'),
  ('unknown', 'sent', 'found'),
  ('unknown', 'at_carrier', 'found_scheduled'),
  ('unknown', 'delivered', 'reported'),
  ('unknown', 'undelivered', 'reported'),
  ('unknown', 'failed', 'reported_or_given_up'),
  ('unknown', 'cancelled', 'reported'),
  ('unknown', 'blocked', 'refused_opted_out'),
  ('at_carrier', 'sent', 'reported_or_time_passed'),
  ('at_carrier', 'delivered', 'reported'),
  ('at_carrier', 'undelivered', 'reported'),
  ('at_carrier', 'failed', 'reported'),
  ('at_carrier', 'cancelled', 'recalled'),
  ('at_carrier', 'scheduled', 'recalled_to_move'),
  ('at_carrier', 'unknown', 'recall_not_confirmed'),
  ('sent', 'delivered', 'reported'),
  ('sent', 'undelivered', 'reported'),
  ('sent', 'failed', 'reported'),
  ('sent', 'cancelled', 'cancelled_at_carrier'),
  ('sent', 'blocked', 'refused_opted_out');

create function private.guard_job() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- The steps of an ordinary text are written out, and by themselves: to ask the table costs more than all else a step does.
  if new.status <> old.status
    and (old.status, new.status) not in (('queued', 'processing'), ('processing', 'sent'), ('sent', 'delivered')) then
    if not exists (
      select 1 from private.job_transitions t where t.from_status = old.status and t.to_status = new.status
    ) then
      raise exception using errcode = 'TL117', message = format('A job cannot go from %s to %s', old.status, new.status);
    end if;
  end if;
  new.updated_at := now();
  return new;
end;
$$;
comment on function private.guard_job() is 'Holds a job to its life, whoever updates the row, and keeps updated_at true. Errors: TL117';

create function private.check_first_status() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.status not in ('scheduled', 'queued', 'held') then
    raise exception using errcode = 'TL117', message = format('A job cannot begin as %s', new.status);
  end if;
  return new;
end;
$$;
comment on function private.check_first_status() is 'A job begins scheduled, queued or held. Errors: TL117';

create table public.send_attempts (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null,
  job_id uuid not null,
  message_id uuid,
  provider_account_id uuid not null,
  sender text not null,
  recipient text not null,
  body_sha256 bytea,
  send_at timestamptz,
  state text not null default 'submitting' check (state in (
    'submitting', 'accepted', 'not_sent', 'later', 'unknown', 'unconfirmed', 'released', 'recalled'
  )),
  worker_id text not null,
  lease_expires_at timestamptz not null,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  look_up_after timestamptz,
  look_ups smallint not null default 0,
  provider_message_id text,
  provider_status text,
  http_status smallint,
  error_code text,
  error_message text,
  -- The job holds the tenant, the message and, by its number, the account: each of these keys would be checked, and have
  -- an index to write, with every step of every send.
  foreign key (job_id) references public.message_jobs (id) on delete cascade
) with (fillfactor = 85);
-- The reason nothing is sent twice: while one attempt may have reached the carrier, no second one can be written.
create unique index send_attempts_live_key on public.send_attempts (job_id)
  where state in ('submitting', 'accepted', 'unknown', 'unconfirmed');
create index send_attempts_in_flight_idx on public.send_attempts (provider_account_id, lease_expires_at)
  where state = 'submitting';
-- Looked up in order; what is shown to a person has no time and is only counted.
create index send_attempts_unknown_idx on public.send_attempts (look_up_after) where state in ('unknown', 'unconfirmed');
create index send_attempts_job_idx on public.send_attempts (job_id);
comment on table public.send_attempts is 'Written and committed before every carrier call';
comment on column public.send_attempts.send_at is 'When the carrier is asked to send it; null: at once';

create table private.sleeping_workers (
  worker_id text primary key,
  expires_at timestamptz not null
);
comment on table private.sleeping_workers is
  'Workers that wait for a notification; while the table is empty nobody pays for NOTIFY';

-- Not for what a queue writes on it, which is nobody's news.
create trigger message_jobs_guard before update of
  status, body, template_version_id, variables, scheduled_for, due_at, send_before, decision, error_details, metadata
  on public.message_jobs for each row execute function private.guard_job();
create trigger message_jobs_begin before insert on public.message_jobs
  for each row execute function private.check_first_status();

alter table public.message_jobs enable row level security;
alter table public.send_attempts enable row level security;
create policy message_jobs_select on public.message_jobs for select to authenticated
  using (organization_id in (select private.my_admin_organization_ids()));
create policy send_attempts_select on public.send_attempts for select to authenticated
  using (organization_id in (select private.my_admin_organization_ids()));
grant select on public.message_jobs, public.send_attempts to authenticated, service_role;

create function private.wake_workers() returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- Shared with other producers, exclusive for a worker that falls asleep (worker.fall_asleep): either the worker
  -- sees what we wrote, or we see that it sleeps. The next statement must come after the lock to see the flag.
  perform pg_advisory_xact_lock_shared(hashtextextended('threadline:sleep', 0));
  if exists (select 1 from private.sleeping_workers w where w.expires_at > clock_timestamp()) then
    perform pg_notify('threadline_jobs', '');
  end if;
end;
$$;
comment on function private.wake_workers() is 'Notifies the workers, but only when one is asleep: NOTIFY makes commits queue up';

