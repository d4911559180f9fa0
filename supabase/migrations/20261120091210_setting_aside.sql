-- What may not go now: held until its hours open or the day is over, hidden for a moment, or at its end, and taken up
-- again when it is due.

create function private.window_decision(p_zones text[], p_found_by text, p_zone text, p_rules text, p_from timestamptz, p_until timestamptz)
returns jsonb
language sql stable
return jsonb_strip_nulls(jsonb_build_object(
  'zones', p_zones, 'found_by', p_found_by, 'decisive_zone', p_zone, 'rule_version', p_rules,
  'allowed_from', p_from, 'allowed_until', p_until,
  'local_time', to_char(p_from at time zone coalesce(p_zone, p_zones[1]), 'YYYY-MM-DD"T"HH24:MI')
));
comment on function private.window_decision(text[], text, text, text, timestamptz, timestamptz) is
  'What a job keeps of the reasons for its hours';

create function private.show_messages(p_job_ids uuid[], p_status text) returns void
language sql volatile
set search_path = ''
as $$
  update public.messages m set status = p_status
  from public.message_jobs j
  where j.id = any (p_job_ids) and m.id = j.message_id and m.status <> p_status
    and m.status in ('scheduled', 'held', 'queued');
$$;
comment on function private.show_messages(uuid[], text) is 'Lets the messages of waiting jobs say how they wait: scheduled, held or queued';

create function private.hold_until_open(p_job_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  if cardinality(p_job_ids) = 0 then
    return;
  end if;
  perform private.delete_from_queues(p_job_ids);
  update public.message_jobs j
  set status = 'held', hold_reason = 'quiet_hours', is_head = false, queue_message_id = null,
    -- Never open in a fortnight: the job waits a day and is asked again, unless send_before ends it.
    -- Where send_before comes first it wakes then, and ends there.
    due_at = least(coalesce(h.allowed_from, clock_timestamp() + interval '1 day'), j.send_before),
    window_until = h.allowed_until, decision = j.decision || h.decision
  from private.ask_hours(p_job_ids) h where j.id = h.job_id;
  perform private.show_messages(p_job_ids, 'held');
end;
$$;
comment on function private.hold_until_open(uuid[]) is 'The recipients'' hours have ended: back until they open; the caller holds the threads';

create function private.ask_again(p_job_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_old uuid[] := array(
    select j.id from public.message_jobs j
    where j.id = any (p_job_ids) and j.message_class in ('marketing', 'transactional')
      and j.created_at < now() - interval '10 minutes'
      -- What the carrier is to keep was asked about for the moment when the carrier sends it.
      and j.carrier_at is null
  );
  v_closed uuid[];
begin
  if cardinality(v_old) = 0 then
    return;
  end if;
  with asked as (
    update public.message_jobs j set window_until = h.allowed_until, decision = j.decision || h.decision
    from private.ask_hours(v_old) h where j.id = h.job_id
    returning j.id, coalesce(h.allowed_from > now(), true) as is_closed
  )
  select coalesce(array_agg(a.id) filter (where a.is_closed), '{}') into v_closed from asked a;
  perform private.hold_until_open(v_closed);
end;
$$;
comment on function private.ask_again(uuid[]) is
  'Jobs written a while ago: the recipient''s zone, the rules or the organization''s choice may have changed since. What may not go now is held; the caller holds the threads';

create function private.hold_until_tomorrow(p_job_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.delete_from_queues(p_job_ids);
  update public.message_jobs j
  set status = 'held', hold_reason = 'limit', is_head = false, queue_message_id = null, window_until = clock_timestamp(),
    due_at = least(
      (private.carrier_day(clock_timestamp()) + 1)::timestamp at time zone 'America/Los_Angeles', j.send_before
    )
  where j.id = any (p_job_ids);
  perform private.show_messages(p_job_ids, 'held');
end;
$$;
comment on function private.hold_until_tomorrow(uuid[]) is
  'The number or account has used up its day: back until carriers count anew; the caller holds the threads';

create function private.promote_due(p_limit integer) returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_due uuid[] := array(
    select j.id from public.message_jobs j
    -- Asked once: compared with the function itself, every job that waits would be looked at.
    where j.status in ('scheduled', 'held') and j.due_at <= (select clock_timestamp())
    order by j.due_at, j.position limit p_limit
  );
  v_threads uuid[];
  v_promoted uuid[];
begin
  if cardinality(v_due) = 0 then
    return 0;
  end if;
  v_threads := array(
    select t.id from public.threads t
    where t.id in (select j.thread_id from public.message_jobs j where j.id = any (v_due))
    for no key update skip locked
  );
  perform private.end_jobs(array(
    select (j.id, 'failed', 'failed', null, null, 'TL116', 'Not sent: it was too late')::private.settlement
    from public.message_jobs j
    where j.id = any (v_due) and j.thread_id = any (v_threads) and j.status in ('scheduled', 'held')
      and j.send_before <= clock_timestamp()
  ));
  perform private.ask_again(array(
    select j.id from public.message_jobs j
    where j.id = any (v_due) and j.thread_id = any (v_threads) and j.status in ('scheduled', 'held')
  ));
  with due as materialized (
    select d.id, nextval('private.job_positions') as position from (
      select j.id from public.message_jobs j
      where j.id = any (v_due) and j.thread_id = any (v_threads)
        and j.status in ('scheduled', 'held') and j.due_at <= clock_timestamp()
      order by j.due_at, j.position
    ) d
  ), promoted as (
    update public.message_jobs j set status = 'queued', hold_reason = null, position = d.position
    from due d where j.id = d.id
    returning j.id
  )
  select array_agg(p.id) into v_promoted from promoted p;
  perform private.show_messages(v_promoted, 'queued');
  perform private.enter_threads(v_promoted);
  perform private.admit(array(select distinct j.phone_number_id from public.message_jobs j where j.id = any (v_promoted)));
  return coalesce(cardinality(v_promoted), 0);
end;
$$;
comment on function private.promote_due(integer) is
  'Takes up what is due by the database''s clock, in the order it became due, without waiting for anybody';

create function private.set_aside(p_entries private.judged_entry[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_threads uuid[];
begin
  perform pgmq.delete(d.queue_name::text, d.ids::bigint[]) from (
    select e.queue_name, array_agg(e.queue_message_id) as ids from unnest(p_entries) e
    where e.verdict = 'stale' group by e.queue_name
  ) d;
  v_threads := array(
    select t.id from public.threads t
    where t.id in (
      select e.thread_id from unnest(p_entries) e where e.verdict in ('expired', 'opted_out', 'inactive', 'closed', 'capped')
    )
    for no key update skip locked
  );
  perform pgmq.set_vt(e.queue_name::text, e.queue_message_id::bigint, d.seconds)
  from (
    select v.*, row_number() over (partition by v.provider_account_id, v.verdict order by v.queue_message_id) as line
    from unnest(p_entries) v
  ) e
  cross join lateral (
    select case
      when e.verdict in ('paced', 'paused') then least(greatest(1, floor(extract(epoch from e.delay))), 60)
      when e.verdict = 'elder' then 2
      -- So many would find no free line within a second: they need not be read again and again until then.
      when e.verdict = 'crowded' and e.line > 100 then 1
      -- What somebody else holds, or what finds no free line, is judged anew with the next claim.
      else 0
    end::integer as seconds
  ) d
  where e.verdict in ('busy', 'paced', 'paused', 'crowded', 'elder')
    or (e.verdict in ('expired', 'opted_out', 'inactive', 'closed', 'capped') and e.thread_id <> all (v_threads));
  perform private.hold_until_open(array(
    select e.job_id from unnest(p_entries) e where e.verdict = 'closed' and e.thread_id = any (v_threads)
  ));
  perform private.hold_until_tomorrow(array(
    select e.job_id from unnest(p_entries) e where e.verdict = 'capped' and e.thread_id = any (v_threads)
  ));
  perform private.end_jobs(array(
    select (e.job_id, r.status, r.status, null, null, r.code, r.text)::private.settlement
    from unnest(p_entries) e
    join (values
      ('opted_out', 'blocked', 'TL103', 'Not sent: this person has opted out'),
      ('inactive', 'blocked', 'TL104', 'Not sent: our number is not active'),
      ('expired', 'failed', 'TL116', 'Not sent: it was too late')
    ) as r (verdict, status, code, text) on r.verdict = e.verdict
    where e.thread_id = any (v_threads)
  ));
  perform private.advance_threads(v_threads);
end;
$$;
comment on function private.set_aside(private.judged_entry[]) is
  'Deals with every entry that must not be sent now, without waiting for anybody';
