-- Sleep, sweeps, pictures and figures: the rest of what the worker may do. Its role holds no other right.

create function worker.fall_asleep(p_worker_id text, p_seconds integer) returns boolean
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
begin
  -- A producer that is between its insert and its commit holds the shared side: do not sleep past it.
  if not pg_try_advisory_xact_lock(hashtextextended('threadline:sleep', 0)) then
    return false;
  end if;
  if worker.next_due() <= clock_timestamp() then
    return false;
  end if;
  insert into private.sleeping_workers (worker_id, expires_at)
  values (p_worker_id, clock_timestamp() + make_interval(secs => p_seconds))
  on conflict (worker_id) do update set expires_at = excluded.expires_at;
  delete from private.sleeping_workers w where w.expires_at < clock_timestamp() - interval '1 hour';
  return true;
end;
$$;
comment on function worker.fall_asleep(text, integer) is
  'Asks producers to notify for p_seconds; false when there is work, or when somebody is just bringing some';

create function worker.wake_up(p_worker_id text) returns void
language sql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$ delete from private.sleeping_workers w where w.worker_id = p_worker_id; $$;
comment on function worker.wake_up(text) is 'No notifications, please: this worker looks by itself';

create function worker.next_due() returns timestamptz
language sql stable
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  select least(
    private.queue_due_at('sms_priority_queue'),
    private.queue_due_at('sms_queue'),
    (select min(d.copy_after) from public.message_media d where d.status = 'pending'),
    (select min(j.due_at) from public.message_jobs j where j.status in ('scheduled', 'held')),
    (select private.next_recall_at()),
    (select clock_timestamp() where exists (select 1 from private.stranded_numbers()))
  );
$$;
comment on function worker.next_due() is 'When the next job becomes visible; null when nothing waits';

create function private.lock_attempts(p_attempt_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.lock_threads(private.threads_of_jobs(array(
    select a.job_id from public.send_attempts a where a.id = any (p_attempt_ids)
  )));
  perform 1 from public.send_attempts a where a.id = any (p_attempt_ids) order by a.id for no key update;
end;
$$;
comment on function private.lock_attempts(uuid[]) is 'Locks attempts and, before them, the threads they belong to, in the order of private.lock_threads';

create function private.retry_wordless(p_attempt_ids uuid[]) returns void
language sql volatile
set search_path = ''
as $$
  -- Without a message its template was never filled in, and without its words nothing was offered to a carrier. It counts
  -- as a try all the same: a template that brings every worker down must not do so for ever.
  select worker.complete('sweep', jsonb_agg(jsonb_build_object(
    'attempt_id', a.id, 'outcome', 'not_sent', 'error_class', 'retryable', 'error_code', 'not_rendered',
    'error_text', 'The template could not be filled in'
  )))
  from public.send_attempts a
  where a.id = any (p_attempt_ids) and a.state = 'submitting' and a.message_id is null
    and a.lease_expires_at < clock_timestamp()
  having count(*) > 0;
$$;
comment on function private.retry_wordless(uuid[]) is
  'Attempts whose lease ran out before their template was filled in: back to the queue, and in the end to the dead letters';

create function private.lose_attempts(p_attempt_ids uuid[]) returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_jobs uuid[];
begin
  perform private.lock_attempts(p_attempt_ids);
  perform private.retry_wordless(p_attempt_ids);
  with lost as (
    update public.send_attempts a
    set state = 'unknown', finished_at = clock_timestamp(), look_up_after = clock_timestamp() + interval '60 seconds'
    where a.id = any (p_attempt_ids) and a.state = 'submitting' and a.lease_expires_at < clock_timestamp()
    returning a.job_id
  )
  select array_agg(l.job_id) into v_jobs from lost l;
  perform private.settle_jobs(array(
    select (j, 'unknown', 'unknown', null, null, null, null)::private.settlement from unnest(v_jobs) j
  ));
  return coalesce(cardinality(v_jobs), 0);
end;
$$;
comment on function private.lose_attempts(uuid[]) is
  'The carrier may or may not have taken these: they become unknown and are never submitted again by themselves; returns how many. What never got its words goes back to its queue';

create function worker.sweep() returns jsonb
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_lost uuid[];
  v_passed uuid[];
begin
  -- No leader: whoever comes first sweeps, the others go on with their work.
  if not pg_try_advisory_xact_lock(hashtextextended('threadline:sweep', 0)) then
    return jsonb_build_object('skipped', true);
  end if;
  v_lost := array(
    select a.id from public.send_attempts a
    where a.state = 'submitting' and a.lease_expires_at < (select clock_timestamp())
    order by a.lease_expires_at limit 500
  );
  v_passed := private.past_carrier_time();
  -- All threads of the sweep at once: see private.lock_threads.
  perform private.lock_threads(private.threads_of_jobs(
    v_passed || array(select a.job_id from public.send_attempts a where a.id = any (v_lost))
  ));
  delete from private.daily_usage u where u.day < private.carrier_day(clock_timestamp()) - 7;
  -- The widest window anybody may ask for (private.problem_of_job) is 9,999,999 seconds.
  delete from private.accepted_contents c where c.accepted_at < now() - interval '116 days';
  perform private.watch_thresholds();
  perform private.pass_carrier_times(v_passed);
  perform private.note_sweep();
  return jsonb_build_object(
    'skipped', false, 'attempts_lost', private.lose_attempts(v_lost),
    -- A second net under every admission; normally there is nothing left to find.
    'admitted', private.admit_everywhere()
  );
end;
$$;
comment on function worker.sweep() is 'Settles what a dead worker left behind; safe to call from any number of workers';

create function worker.claim_media(p_worker_id text, p_limit integer, p_lease_seconds integer) returns setof jsonb
language sql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  with taken as (
    select d.id from public.message_media d
    where d.status = 'pending' and d.copy_after <= (select clock_timestamp())
    order by d.copy_after limit p_limit for update skip locked
  ), leased as (
    update public.message_media d
    set copy_after = clock_timestamp() + make_interval(secs => p_lease_seconds), copy_attempts = d.copy_attempts + 1
    from taken t where d.id = t.id
    returning d.*
  )
  select jsonb_build_object(
    'media_id', l.id, 'organization_id', l.organization_id, 'message_id', l.message_id, 'position', l.position,
    'provider', a.provider, 'credentials_ref', a.credentials_ref, 'provider_url', l.provider_url,
    'content_type', l.content_type, 'attempt', l.copy_attempts
  )
  from leased l
  join public.messages m on m.id = l.message_id
  join public.provider_accounts a on a.id = m.provider_account_id;
$$;
comment on function worker.claim_media(text, integer, integer) is 'Pictures to copy from the carrier into storage';

create function worker.complete_media(
  p_media_id uuid, p_status text, p_storage_path text, p_content_type text, p_size_bytes bigint, p_reason text
) returns void
language sql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  update public.message_media d
  set status = case
      when p_status = 'retry' and d.copy_attempts >= 8 then 'failed'
      when p_status = 'retry' then 'pending'
      else p_status
    end,
    copy_after = clock_timestamp() + make_interval(secs => private.retry_delay(d.copy_attempts, null)),
    storage_path = coalesce(p_storage_path, d.storage_path),
    content_type = coalesce(p_content_type, d.content_type),
    size_bytes = coalesce(p_size_bytes, d.size_bytes),
    failure_reason = case when p_status = 'stored' then null else left(p_reason, 200) end
  where d.id = p_media_id and d.status = 'pending';
$$;
comment on function worker.complete_media(uuid, text, text, text, bigint, text) is
  'p_status stored, failed (never again) or retry (later, 8 times at most)';

create function worker.queue_depths() returns jsonb
language sql stable
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  select jsonb_agg(jsonb_build_object(
    'queue', m.queue_name, 'length', m.queue_length, 'oldest_age_seconds', m.oldest_msg_age_sec
  ))
  from pgmq.metrics_all() m
  where m.queue_name in ('sms_priority_queue', 'sms_queue', 'sms_dead_letter');
$$;
comment on function worker.queue_depths() is 'Length and age of the oldest message of each queue';

grant execute on all functions in schema worker to threadline_worker;
