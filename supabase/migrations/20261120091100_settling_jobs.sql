-- How a job ends, whoever learned of it: the worker, a callback, a sweep or a STOP.

create function private.job_status_rank(p_status text) returns smallint
language sql immutable
return case p_status
  when 'scheduled' then 1 when 'held' then 1 when 'queued' then 1
  when 'processing' then 2
  when 'unknown' then 3
  when 'at_carrier' then 4
  when 'sent' then 5
  else 6
end::smallint;
comment on function private.job_status_rank(text) is 'Waiting 1, processing 2, unknown 3, waiting at the carrier 4, sent 5, every final status 6';

create type private.settlement as (
  job_id uuid,
  job_status text,
  message_status text,
  provider_message_id text,
  segments smallint,
  error_code text,
  error_text text
);
comment on type private.settlement is 'What became of a job and its message';

create function private.delete_from_queues(p_job_ids uuid[]) returns void
language sql volatile
set search_path = ''
as $$
  select pgmq.delete(q.queue_name::text, q.ids::bigint[])
  from (
    select j.queue_name, array_agg(j.queue_message_id) as ids from public.message_jobs j
    where j.id = any (p_job_ids) and j.queue_message_id is not null
    group by j.queue_name
  ) q;
$$;
comment on function private.delete_from_queues(uuid[]) is 'Takes the queue messages of these jobs off their queues';

create function private.threads_of_jobs(p_job_ids uuid[]) returns uuid[]
language sql stable
set search_path = ''
as $$
  select array(select j.thread_id from public.message_jobs j where j.id = any (p_job_ids));
$$;
comment on function private.threads_of_jobs(uuid[]) is 'The threads these jobs belong to';

create function private.end_jobs(p_settlements private.settlement[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_job_ids constant uuid[] := array(select s.job_id from unnest(p_settlements) s);
begin
  perform private.delete_from_queues(v_job_ids);
  update public.message_jobs j
  set status = s.job_status, is_head = false, queue_message_id = null, hold_reason = null,
    error_details = case when s.error_code is null then j.error_details
      else jsonb_build_object('code', s.error_code, 'text', s.error_text) end
  from unnest(p_settlements) s
  where j.id = s.job_id and private.job_status_rank(j.status) < private.job_status_rank(s.job_status);
  with news as materialized (
    select o.id, s.*,
      -- What comes late says nothing any more, and neither does its error.
      private.message_status_rank(o.status) < private.message_status_rank(s.message_status) as rises,
      o.provider_message_id is null and s.provider_message_id is not null as names
    from unnest(p_settlements) s
    join public.message_jobs j on j.id = s.job_id
    join public.messages o on o.id = j.message_id
  )
  update public.messages m
  set status = case when n.rises then n.message_status else m.status end,
    provider_message_id = coalesce(m.provider_message_id, n.provider_message_id),
    segments = coalesce(nullif(n.segments, 0), m.segments),
    error_code = case when n.rises then coalesce(n.error_code, m.error_code) else m.error_code end,
    error_text = case when n.rises then coalesce(n.error_text, m.error_text) else m.error_text end,
    sent_at = case
      when n.rises and n.message_status in ('sent', 'delivered', 'undelivered') then coalesce(m.sent_at, now())
      else m.sent_at
    end,
    delivered_at = case when n.rises and n.message_status = 'delivered' then now() else m.delivered_at end
  from news n
  where m.id = n.id and (n.rises or n.names);
  perform private.arrive_at_carrier(array(select s.job_id from unnest(p_settlements) s where s.job_status = 'at_carrier'));
  -- The list shows the status of a thread's last message.
  update public.threads t set updated_at = now()
  from public.message_jobs j
  where j.id = any (v_job_ids) and t.id = j.thread_id and t.last_message_id = j.message_id;
end;
$$;
comment on function private.end_jobs(private.settlement[]) is
  'Takes jobs off their queues and raises job and message status, never lowers them; the caller holds their threads';

create function private.settle_jobs(p_settlements private.settlement[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_job_ids constant uuid[] := array(select s.job_id from unnest(p_settlements) s);
  v_freed uuid[];
begin
  if cardinality(v_job_ids) = 0 then
    return;
  end if;
  perform private.lock_threads(private.threads_of_jobs(v_job_ids));
  -- Most reports tell of what the carrier has had for a while: nobody waits for it any more.
  v_freed := array(
    select j.thread_id from public.message_jobs j where j.id = any (v_job_ids) and j.status in ('queued', 'processing')
  );
  perform private.end_jobs(p_settlements);
  if cardinality(v_freed) > 0 then
    perform private.advance_threads(v_freed);
  end if;
end;
$$;
comment on function private.settle_jobs(private.settlement[]) is
  'Ends jobs (private.end_jobs) and lets the next of each thread go';

create function private.block_recipient(
  p_organization_id uuid, p_phone_number text, p_source text, p_reason text, p_evidence_id uuid
) returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_waiting uuid[];
begin
  perform private.lock_recipient(p_organization_id, p_phone_number);
  perform private.lock_threads(private.threads_of_recipient(p_organization_id, p_phone_number));
  insert into public.dnc_entries as d (organization_id, phone_number, sms_blocked, source, reason, evidence_id)
  values (p_organization_id, p_phone_number, true, p_source, p_reason, p_evidence_id)
  on conflict (organization_id, phone_number) do update
  set sms_blocked = true, source = excluded.source, reason = excluded.reason, evidence_id = excluded.evidence_id, actor_id = null
  where not d.sms_blocked;
  v_waiting := array(
    select j.id from public.message_jobs j
    where j.thread_id = any (private.threads_of_recipient(p_organization_id, p_phone_number))
      and j.status in ('scheduled', 'queued', 'held')
    order by j.id
  );
  perform private.settle_jobs(array(
    select (w, 'cancelled', 'cancelled', null, null, 'TL103', 'Not sent: this person opted out first')::private.settlement
    from unnest(v_waiting) w
  ));
  perform private.announce(
    jsonb_build_object('phone_number', p_phone_number, 'opted_out', true),
    'opt_out_changed', private.inbox_topic(p_organization_id)
  );
  return cardinality(v_waiting);
end;
$$;
comment on function private.block_recipient(uuid, text, text, text, uuid) is
  'Writes the do-not-contact row and cancels everything that waits to go to this number; returns how many';

create function private.is_overruled(
  p_organization_id uuid, p_phone_number text, p_intent text, p_asked_at timestamptz
) returns boolean
language sql stable
set search_path = ''
as $$
  select p_asked_at is not null and (
    exists (
      select 1 from public.messages m
      where m.thread_id = any (private.threads_of_recipient(p_organization_id, p_phone_number)) and m.created_at > p_asked_at
        and m.intent = case p_intent when 'stop' then 'start' else 'stop' end
    ) or exists (
      -- What a keyword led to was written when it was acted on, and says nothing of when it was said.
      select 1 from public.dnc_events e
      where e.organization_id = p_organization_id and e.phone_number = p_phone_number and e.created_at > p_asked_at
        and e.sms_blocked = (p_intent = 'start') and e.source not in ('keyword', 'restart')
    )
  );
$$;
comment on function private.is_overruled(uuid, text, text, timestamptz) is
  'Whether the opposite of a stop or start that was said at p_asked_at has been said since, by the person, a carrier or a member; null: it is said now';

create function private.unblock_recipient(
  p_organization_id uuid, p_phone_number text, p_reason text, p_evidence_id uuid, p_asked_at timestamptz
) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.lock_recipient(p_organization_id, p_phone_number);
  perform private.lock_threads(private.threads_of_recipient(p_organization_id, p_phone_number));
  update public.dnc_entries d
  set sms_blocked = false, source = 'restart', reason = p_reason, evidence_id = p_evidence_id, actor_id = null
  where d.organization_id = p_organization_id and d.phone_number = p_phone_number and d.sms_blocked
    and not private.is_overruled(p_organization_id, p_phone_number, 'start', p_asked_at);
  if found then
    perform private.announce(
      jsonb_build_object('phone_number', p_phone_number, 'opted_out', false),
      'opt_out_changed', private.inbox_topic(p_organization_id)
    );
  end if;
end;
$$;
comment on function private.unblock_recipient(uuid, text, text, uuid, timestamptz) is
  'Lifts the block on texts after the person asked to return, unless they opted out after p_asked_at; null: they ask now';
