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

create table public.message_jobs (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null,
  message_id uuid not null unique,
  thread_id uuid not null,
  sequence integer not null,
  phone_number_id uuid not null,
  recipient text not null check (private.is_phone_number(recipient)),
  body text not null,
  priority text not null default 'normal' check (priority in ('urgent', 'high', 'normal')),
  status text not null default 'queued' check (status in (
    'scheduled', 'queued', 'held', 'processing', 'unknown', 'sent', 'delivered', 'undelivered', 'failed', 'cancelled',
    'blocked', 'dead'
  )),
  scheduled_for timestamptz not null default now(),
  send_before timestamptz,
  retry_count smallint not null default 0,
  max_retries smallint not null default 6 check (max_retries >= 0),
  metadata jsonb not null default '{}',
  error_details jsonb,
  queue_name text not null check (queue_name in ('sms_priority_queue', 'sms_queue')),
  queue_message_id bigint,
  parked boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  foreign key (organization_id, message_id) references public.messages (organization_id, id) on delete cascade,
  foreign key (organization_id, thread_id) references public.threads (organization_id, id) on delete cascade,
  foreign key (organization_id, phone_number_id) references public.phone_numbers (organization_id, id) on delete restrict
) with (fillfactor = 85);
create index message_jobs_message_idx on public.message_jobs (organization_id, message_id);
create index message_jobs_thread_idx on public.message_jobs (organization_id, thread_id);
create index message_jobs_phone_number_idx on public.message_jobs (organization_id, phone_number_id);
create index message_jobs_order_idx on public.message_jobs (thread_id, sequence)
  where status in ('queued', 'processing');
create index message_jobs_waiting_idx on public.message_jobs (organization_id, recipient)
  where status in ('scheduled', 'queued', 'held');
comment on table public.message_jobs is 'The intent to send one message; a queue message carries only its id';
comment on column public.message_jobs.parked is 'Waits, invisible in its queue, for an earlier job of the thread to end';
comment on column public.message_jobs.sequence is 'The message''s place in its thread: jobs of one thread go out in this order';

create table public.send_attempts (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null,
  job_id uuid not null,
  message_id uuid not null,
  provider_account_id uuid not null,
  sender text not null,
  recipient text not null,
  body_sha256 bytea not null,
  state text not null default 'submitting' check (state in (
    'submitting', 'accepted', 'not_sent', 'later', 'unknown', 'released'
  )),
  worker_id text not null,
  lease_expires_at timestamptz not null,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  provider_message_id text,
  provider_status text,
  http_status smallint,
  error_code text,
  error_message text,
  unique (organization_id, id),
  foreign key (organization_id, job_id) references public.message_jobs (organization_id, id) on delete cascade,
  foreign key (organization_id, message_id) references public.messages (organization_id, id) on delete cascade,
  foreign key (organization_id, provider_account_id)
    references public.provider_accounts (organization_id, id) on delete restrict
) with (fillfactor = 85);
-- The reason nothing is sent twice: while one attempt may have reached the carrier, no second one can be written.
create unique index send_attempts_live_key on public.send_attempts (job_id)
  where state in ('submitting', 'accepted', 'unknown');
create index send_attempts_lease_idx on public.send_attempts (lease_expires_at) where state = 'submitting';
create index send_attempts_job_idx on public.send_attempts (organization_id, job_id);
create index send_attempts_message_idx on public.send_attempts (organization_id, message_id);
create index send_attempts_account_idx on public.send_attempts (organization_id, provider_account_id);
comment on table public.send_attempts is 'Written and committed before every carrier call';

create table private.sleeping_workers (
  worker_id text primary key,
  expires_at timestamptz not null
);
comment on table private.sleeping_workers is
  'Workers that wait for a notification; while the table is empty nobody pays for NOTIFY';

create trigger message_jobs_touch before update on public.message_jobs
  for each row execute function private.touch_row();

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

create function private.queue_job(p_queue_name text, p_job_id uuid, p_delay_seconds integer default 0) returns bigint
language plpgsql volatile
set search_path = ''
as $$
declare
  v_queue_message_id bigint;
begin
  select s into strict v_queue_message_id
  from pgmq.send(
    p_queue_name::text, jsonb_build_object('v', 1, 'job_id', p_job_id)::jsonb, p_delay_seconds::integer
  ) as s;
  perform private.wake_workers();
  return v_queue_message_id;
end;
$$;
comment on function private.queue_job(text, uuid, integer) is
  'Puts a job''s id on a queue, inside the caller''s transaction; returns the queue''s message id';

create function private.wake_next_in_threads(p_thread_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_next record;
begin
  for v_next in
    select n.id, n.queue_name, n.queue_message_id
    from (select distinct unnest(p_thread_ids) as thread_id) t
    cross join lateral (
      select j.id, j.queue_name, j.queue_message_id, j.parked from public.message_jobs j
      where j.thread_id = t.thread_id and j.status in ('queued', 'processing')
      order by j.sequence
      limit 1
    ) n
    where n.parked
  loop
    perform pgmq.set_vt(v_next.queue_name::text, v_next.queue_message_id::bigint, 0::integer);
    update public.message_jobs j set parked = false where j.id = v_next.id;
  end loop;
  if found then
    perform private.wake_workers();
  end if;
end;
$$;
comment on function private.wake_next_in_threads(uuid[]) is
  'Makes the first waiting job of each thread visible again, if it was parked behind the one that just ended';
