-- Which jobs are on the queues. A queue holds the heads of threads, and of each of our numbers only a window of them:
-- pgmq reads past everything invisible, so what has to wait waits in message_jobs, where an index finds it.

create function private.queue_jobs(p_queue_name text, p_job_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_queue_message_ids bigint[];
begin
  if cardinality(p_job_ids) = 0 then
    return;
  end if;
  v_queue_message_ids := array(
    select s from pgmq.send_batch(
      p_queue_name::text,
      array(
        select jsonb_build_object('v', 1, 'job_id', i.id) from unnest(p_job_ids) with ordinality as i (id, place) order by i.place
      )::jsonb[],
      0::integer
    ) with ordinality as b (s, place) order by b.place
  );
  update public.message_jobs j set queue_message_id = i.queue_message_id
  from unnest(p_job_ids, v_queue_message_ids) as i (id, queue_message_id)
  where j.id = i.id;
  perform private.wake_workers();
end;
$$;
comment on function private.queue_jobs(text, uuid[]) is 'Puts the ids of jobs on a queue, inside the caller''s transaction';

create function private.queue_job(p_queue_name text, p_job_id uuid) returns bigint
language plpgsql volatile
set search_path = ''
as $$
declare
  v_queue_message_id bigint;
begin
  select s into strict v_queue_message_id
  from pgmq.send(p_queue_name::text, jsonb_build_object('v', 1, 'job_id', p_job_id)::jsonb, 0::integer) as s;
  perform private.wake_workers();
  return v_queue_message_id;
end;
$$;
comment on function private.queue_job(text, uuid) is 'queue_jobs for one job that is being written; returns the queue''s message id';

create function private.admission_window(p_segments_per_second numeric) returns integer
language sql immutable
set search_path = ''
as $$ select least(500, greatest(4, ceil(p_segments_per_second * 3)))::integer; $$;
comment on function private.admission_window(numeric) is
  'How many jobs of one number stand on a queue at a time: three seconds'' worth, so that nobody''s campaign stands in front of everybody';

create function private.admit(p_phone_number_ids uuid[]) returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_admitted integer := 0;
  v_batch record;
begin
  for v_batch in
    select p.queue_name, array_agg(p.id order by p.position) as job_ids
    from (select distinct unnest(p_phone_number_ids) as id) d
    join public.phone_numbers n on n.id = d.id
    cross join (values ('sms_priority_queue'), ('sms_queue')) q (name)
    cross join lateral (
      select count(*) as admitted from (
        select 1 from public.message_jobs j
        where j.phone_number_id = n.id and j.queue_name = q.name and j.status in ('queued', 'processing')
          and j.queue_message_id is not null
        limit private.admission_window(n.segments_per_second)
      ) a
    ) a
    cross join lateral (
      select j.id, j.queue_name, j.position from public.message_jobs j
      where j.phone_number_id = n.id and j.queue_name = q.name and j.status = 'queued' and j.is_head
        and j.queue_message_id is null
      order by j.position
      limit private.admission_window(n.segments_per_second) - a.admitted
      for no key update skip locked
    ) p
    group by p.queue_name
  loop
    perform private.queue_jobs(v_batch.queue_name, v_batch.job_ids);
    v_admitted := v_admitted + cardinality(v_batch.job_ids);
  end loop;
  return v_admitted;
end;
$$;
comment on function private.admit(uuid[]) is
  'Fills the windows of these numbers with the heads that have waited longest; returns how many were admitted';

create function private.admit_everywhere() returns integer
language sql volatile
set search_path = ''
as $$
  select private.admit(array(
    select n.id from public.phone_numbers n
    where exists (
      select 1 from public.message_jobs j
      where j.phone_number_id = n.id and j.status = 'queued' and j.is_head and j.queue_message_id is null
    )
  ));
$$;
comment on function private.admit_everywhere() is 'admit for every number that has something waiting';

create function private.has_elder(p_thread_id uuid, p_position bigint) returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select 1 from public.message_jobs e
    where e.thread_id = p_thread_id and e.position < p_position and e.status in ('queued', 'processing')
  );
$$;
comment on function private.has_elder(uuid, bigint) is 'True while an earlier job of the thread has not ended';

create function private.advance_threads(p_thread_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_numbers uuid[];
begin
  update public.message_jobs j set is_head = true
  from (select distinct unnest(p_thread_ids) as id) t
  cross join lateral (
    select f.id, f.is_head, f.status from public.message_jobs f
    where f.thread_id = t.id and f.status in ('queued', 'processing')
    order by f.position
    limit 1
  ) f
  where j.id = f.id and f.status = 'queued' and not f.is_head;
  v_numbers := array(select distinct t.phone_number_id from public.threads t where t.id = any (p_thread_ids));
  perform private.admit(v_numbers);
end;
$$;
comment on function private.advance_threads(uuid[]) is
  'After jobs of these threads ended: the next of each is its head, and the room they leave goes to whoever waited longest. The caller holds the threads';

create function private.enter_threads(p_job_ids uuid[]) returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  update public.message_jobs j set is_head = true
  where j.id = any (p_job_ids) and j.status = 'queued' and not j.is_head
    and not private.has_elder(j.thread_id, j.position);
end;
$$;
comment on function private.enter_threads(uuid[]) is
  'Makes those of these jobs heads that have nobody before them. The caller holds the threads';
