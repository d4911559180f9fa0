-- The state of the engine, for screens, metrics and alerts.

create function worker.report_account(p_provider_account_id uuid, p_event jsonb) returns void
language plpgsql volatile
security definer -- the worker's role may touch no table
set search_path = ''
as $$
declare
  v_organization_id uuid := (select a.organization_id from public.provider_accounts a where a.id = p_provider_account_id);
  v_seconds constant integer := least(greatest(coalesce((p_event ->> 'seconds')::integer, 60), 1), 86400);
begin
  if p_event ->> 'kind' = 'paused' then
    update public.provider_accounts a
    set paused_until = greatest(coalesce(a.paused_until, '-infinity'), clock_timestamp() + make_interval(secs => v_seconds)),
      pause_reason = left(p_event ->> 'reason', 200)
    where a.id = p_provider_account_id;
    perform private.open_alert(v_organization_id, 'account_paused', 'critical', p_provider_account_id::text,
      jsonb_build_object('reason', p_event ->> 'reason', 'seconds', v_seconds));
  elsif p_event ->> 'kind' = 'resumed' then
    update public.provider_accounts a set paused_until = null, pause_reason = null where a.id = p_provider_account_id;
    perform private.show_entries(p_provider_account_id);
    perform private.close_alert(v_organization_id, 'account_paused', p_provider_account_id::text);
    perform private.wake_workers();
  end if;
end;
$$;
comment on function worker.report_account(uuid, jsonb) is
  'The breaker''s word on a carrier account: {kind: paused, reason, seconds} or {kind: resumed}; every worker obeys it';

create function private.put_aside(p_provider_account_id uuid) returns setof public.message_jobs
language sql stable
set search_path = ''
as $$
  select j.* from public.phone_numbers n
  join public.message_jobs j on j.phone_number_id = n.id and j.queue_name in ('sms_priority_queue', 'sms_queue')
    and j.status in ('queued', 'processing') and j.queue_message_id is not null
  where n.provider_account_id = p_provider_account_id and j.status = 'queued' and j.due_at <= clock_timestamp();
$$;
comment on function private.put_aside(uuid) is 'Jobs of an account on the queues that do not wait for their own sake';

create function private.show_entries(p_provider_account_id uuid) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  -- Threads before queues, or a STOP that takes several off their queue would wait for us and we for it.
  perform private.lock_threads(array(select j.thread_id from private.put_aside(p_provider_account_id) j));
  perform pgmq.set_vt(j.queue_name::text, j.queue_message_id::bigint, 0::integer)
  from (select * from private.put_aside(p_provider_account_id) j order by j.queue_name, j.queue_message_id) j;
end;
$$;
comment on function private.show_entries(uuid) is
  'What was put aside while an account was paused may be read again at once; what backs off for its own sake waits on';

create function private.lateness(p_phone_number_id uuid) returns integer
language sql stable
set search_path = ''
as $$
  -- The eldest of what waits, and the few on the queues: whatever else there is came later or stands behind one of these.
  select ceil(extract(epoch from clock_timestamp() - min(e.due_at)))::integer
  from (
    select w.due_at from (values ('sms_priority_queue'), ('sms_queue')) q (name)
    cross join lateral (
      select j.due_at from public.message_jobs j
      where j.phone_number_id = p_phone_number_id and j.queue_name = q.name and j.status = 'queued' and j.is_head
        and j.queue_message_id is null
      order by j.position limit 1
    ) w
    union all
    select j.due_at from public.message_jobs j
    where j.phone_number_id = p_phone_number_id and j.queue_name in ('sms_priority_queue', 'sms_queue')
      and j.status in ('queued', 'processing') and j.queue_message_id is not null and j.status = 'queued'
  ) e;
$$;
comment on function private.lateness(uuid) is 'Seconds since the eldest job of a number became due; null when none waits, below 0 while all back off';

create function private.count_moving(p_organization_id uuid) returns table (status text, count bigint)
language sql stable
set search_path = ''
set plan_cache_mode = force_custom_plan -- for one organization or for all
as $$
  with numbers as materialized (
    select n.id from public.phone_numbers n where p_organization_id is null or n.organization_id = p_organization_id
  )
  select 'queued', sum(w.count) from numbers n
  cross join (values (true), (false)) h (is_head)
  cross join lateral (
    select count(*) from (
      select 1 from public.message_jobs j
      where j.is_head = h.is_head and j.phone_number_id = n.id and j.status = 'queued' and j.queue_message_id is null
      limit 100000
    ) l
  ) w
  union all
  select a.status, count(*) from numbers n
  cross join (values ('sms_priority_queue'), ('sms_queue')) q (name)
  join public.message_jobs a on a.phone_number_id = n.id and a.queue_name = q.name and a.status in ('queued', 'processing')
    and a.queue_message_id is not null
  group by a.status;
$$;
comment on function private.count_moving(uuid) is
  'Jobs queued and at work, of one organization or of all; of each number 100,000 means at least so many';

create function private.count_standing(p_organization_id uuid) returns table (status text, count bigint)
language sql stable
set search_path = ''
set plan_cache_mode = force_custom_plan -- for one organization or for all
as $$
  select s.status, sum(c.count) from public.organizations o
  cross join unnest('{scheduled,held,at_carrier,unknown,dead}'::text[]) as s (status)
  cross join lateral (
    select count(*) from (
      select 1 from public.message_jobs j
      where j.organization_id = o.id and j.status = s.status
        and j.status in ('scheduled', 'held', 'at_carrier', 'unknown', 'dead')
      limit 100000
    ) l
  ) c
  where p_organization_id is null or o.id = p_organization_id
  group by s.status;
$$;
comment on function private.count_standing(uuid) is
  'Jobs that wait for a time, a report or a person, of one organization or of all; of each organization 100,000 means at least so many';

create function private.count_jobs(p_organization_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(c.status, c.count), '{}') from (
    select m.status, sum(m.count) as count from (
      select * from private.count_moving(p_organization_id)
      union all
      select * from private.count_standing(p_organization_id)
    ) m
    where m.count > 0
    group by m.status
  ) c;
$$;
comment on function private.count_jobs(uuid) is
  'Jobs by status that have not ended; by indexes that hold no others, for screens and gauges ask every few seconds';

create function private.health_of(p_organization_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'counts', (
      select private.count_jobs(p_organization_id)
    ),
    'oldest_waiting_seconds', (
      select greatest(max(private.lateness(n.id)), 0) from public.phone_numbers n
      where n.organization_id = p_organization_id
    ),
    'accounts', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', a.id, 'label', a.label, 'status', a.status, 'paused_until', a.paused_until, 'pause_reason', a.pause_reason,
        'provider', a.provider, 'daily_cap', a.daily_cap, 'used_today', private.used_today(a.id),
        'lines', least(a.requests_in_flight, coalesce(l.in_flight_limit, a.requests_in_flight))
      ) order by a.label), '[]')
      from public.provider_accounts a left join private.account_load l on l.provider_account_id = a.id
      where a.organization_id = p_organization_id
    ),
    'alerts', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', x.id, 'kind', x.kind, 'severity', x.severity, 'subject_id', x.subject_id, 'details', x.details,
        'opened_at', x.opened_at, 'seen_at', x.seen_at, 'acknowledged_at', x.acknowledged_at
      ) order by x.opened_at desc), '[]')
      from public.alerts x where x.organization_id = p_organization_id and x.closed_at is null
    )
  );
$$;
comment on function private.health_of(uuid) is 'What waits, how long, which accounts are paused, which alerts are open';

create function private.queue_health(p_organization_id uuid) returns jsonb
language plpgsql stable
security definer -- counts over jobs a member may not read one by one
set search_path = ''
as $$
begin
  if p_organization_id is null or p_organization_id not in (select private.my_organization_ids()) then
    raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
  end if;
  return case
    when p_organization_id in (select private.my_admin_organization_ids())
      then private.health_of(p_organization_id) || private.screen_figures(p_organization_id)
    else private.health_of(p_organization_id) - '{accounts,alerts}'::text[]
  end;
end;
$$;
comment on function private.queue_health(uuid) is 'health_of for a member; carrier accounts, numbers and alerts are for admins, as their tables are';

create function public.queue_health(p_organization_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$ select private.queue_health(p_organization_id); $$;
comment on function public.queue_health(uuid) is
  '{counts by status, oldest_waiting_seconds} of one organization; for admins also accounts, alerts, numbers, held by reason, undecided, dead_letters, worker_seen_at, checked_at. Errors: TL001';

create function worker.engine_metrics() returns jsonb
language sql stable
security definer -- the worker's role may touch no table
set search_path = ''
as $$
  select jsonb_build_object(
    'queues', worker.queue_depths(),
    'jobs', (
      select private.count_jobs(null)
    ),
    'oldest_due_seconds', (
      select greatest(max(private.lateness(n.id)), 0) from public.phone_numbers n
    ),
    'attempts_in_flight', (select count(*) from public.send_attempts a where a.state = 'submitting'),
    'failed_events', (
      select count(*) from public.webhook_events w where w.needs_person and w.created_at > now() - interval '1 day'
    ),
    'unknown_attempts', (select count(*) from public.send_attempts a where a.state in ('unknown', 'unconfirmed')),
    'accounts', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', a.id, 'provider', a.provider, 'is_paused', coalesce(a.paused_until > clock_timestamp(), false),
        'lines', least(a.requests_in_flight, coalesce(l.in_flight_limit, a.requests_in_flight)),
        'free_lines', private.free_lines(a.id),
        'behind_seconds', greatest(0, extract(epoch from p.next_at - clock_timestamp()))
      )), '[]')
      from public.provider_accounts a
      left join private.account_load l on l.provider_account_id = a.id
      left join private.pacers p on p.subject_id = a.id and p.next_at > '-infinity'
    ),
    'open_alerts', (
      select coalesce(jsonb_object_agg(x.kind, x.count), '{}') from (
        select a.kind, count(*) from public.alerts a where a.closed_at is null group by a.kind
      ) x
    )
  );
$$;
comment on function worker.engine_metrics() is 'Figures for Prometheus; counts only, nobody''s data';

create function private.failing_events()
returns table (organization_id uuid, texts bigint, reports bigint, reason text, numbers text[])
language sql stable
set search_path = ''
as $$
  select w.organization_id, count(*) filter (where w.kind = 'inbound_message'),
    count(*) filter (where w.kind = 'delivery_report'), mode() within group (order by w.reason),
    coalesce(
      (array_agg(distinct w.event ->> 'to') filter (where w.kind = 'inbound_message' and w.reason = 'unknown_number'))[:3], '{}'
    )
  from public.webhook_events w
  where w.needs_person and w.organization_id is not null and w.created_at > now() - interval '30 days'
  group by w.organization_id;
$$;
comment on function private.failing_events() is
  'Carrier events of the last 30 days that need a person, by organization; the numbers are those texted to that are not set up, three at most';

create function private.watch_events() returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.open_alert(f.organization_id, 'events_failed', case when f.texts > 0 then 'critical' else 'warning' end, '',
    jsonb_build_object('texts', f.texts, 'reports', f.reports, 'reason', f.reason, 'numbers', f.numbers))
  from private.failing_events() f;
  update public.alerts a set closed_at = now()
  where a.closed_at is null and a.kind = 'events_failed'
    and not exists (select 1 from private.failing_events() f where f.organization_id = a.organization_id);
end;
$$;
comment on function private.watch_events() is
  'Tells an organization of carrier events that nobody acts on any more, and stops when they were acted on';

create function private.watch_thresholds() returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_late record;
begin
  for v_late in
    select o.id, (
      select max(private.lateness(n.id)) from public.phone_numbers n where n.organization_id = o.id
    ) as seconds
    from public.organizations o
  loop
    if v_late.seconds > 300 then
      perform private.open_alert(v_late.id, 'jobs_late', case when v_late.seconds > 1800 then 'critical' else 'warning' end, '',
        jsonb_build_object('oldest_seconds', v_late.seconds));
    else
      perform private.close_alert(v_late.id, 'jobs_late', '');
    end if;
  end loop;
  perform private.open_alert(j.organization_id, 'dead_letters', 'warning', '', jsonb_build_object('jobs', count(*)))
  from public.message_jobs j
  where j.status = 'dead' and j.error_details ? 'dead_letter_id' and j.updated_at > now() - interval '1 day'
  group by j.organization_id;
  perform private.watch_events();
  -- A callback or a late answer may have told after all.
  update public.alerts a set closed_at = now()
  where a.closed_at is null and a.kind = 'send_unconfirmed' and not exists (
    select 1 from public.message_jobs j where j.id = a.subject_id::uuid and j.status = 'unknown'
  );
  update public.alerts a set closed_at = now()
  where a.closed_at is null and a.kind = 'texts_late' and a.seen_at < now() - interval '1 hour';
  -- What cannot be undone need not be looked at for ever.
  update public.alerts a set closed_at = now()
  where a.closed_at is null and a.kind in ('recall_too_late', 'sent_after_recall') and a.seen_at < now() - interval '7 days';
  update public.alerts a set closed_at = now()
  where a.closed_at is null and a.kind = 'dead_letters' and not exists (
    select 1 from public.message_jobs j
    where j.organization_id = a.organization_id and j.status = 'dead' and j.error_details ? 'dead_letter_id'
      and j.updated_at > now() - interval '1 day'
  );
end;
$$;
comment on function private.watch_thresholds() is 'Opens and closes the alerts that come from figures: late jobs, dead letters, carrier events';

grant execute on function private.queue_health(uuid), public.queue_health(uuid) to authenticated;
grant execute on function worker.report_account(uuid, jsonb), worker.engine_metrics() to threadline_worker;
