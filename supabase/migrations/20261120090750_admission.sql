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

create function private.admission_room(p_phone_number_id uuid, p_queue_name text, p_segments_per_second numeric)
returns integer
language sql stable
set search_path = ''
as $$
  -- What waits for its next try gives its place to others, but only so many: the queue must stay short.
  select least(w.size - count(a.id) filter (where a.due_at <= clock_timestamp()), 4 * w.size - count(a.id))::integer
  from (select private.admission_window(p_segments_per_second) as size) w
  left join lateral (
    select j.id, j.due_at from public.message_jobs j
    where j.phone_number_id = p_phone_number_id and j.queue_name = p_queue_name and j.status in ('queued', 'processing')
      and j.queue_message_id is not null
    limit 4 * w.size
  ) a on true
  group by w.size;
$$;
comment on function private.admission_room(uuid, text, numeric) is 'How many more jobs of a number may be put on a queue; 0 or less when it is full';

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
    join (values ('sms_priority_queue'), ('sms_queue')) q (name) on exists (
      select 1 from public.message_jobs w
      where w.phone_number_id = n.id and w.queue_name = q.name and w.status = 'queued' and w.is_head
        and w.queue_message_id is null
    )
    cross join lateral (select private.admission_room(n.id, q.name, n.segments_per_second) as room) a
    cross join lateral (
      select j.id, j.queue_name, j.position from public.message_jobs j
      where j.phone_number_id = n.id and j.queue_name = q.name and j.status = 'queued' and j.is_head
        and j.queue_message_id is null
      order by j.position
      limit greatest(a.room, 0)
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

create function private.waiting_numbers() returns setof uuid
language sql stable
set search_path = ''
as $$
  -- From one number to the next through the index, however many jobs each has waiting.
  with recursive numbers as (
    (
      select j.phone_number_id as id from public.message_jobs j
      where j.status = 'queued' and j.is_head and j.queue_message_id is null
      order by j.phone_number_id limit 1
    )
    union all
    select (
      select j.phone_number_id from public.message_jobs j
      where j.status = 'queued' and j.is_head and j.queue_message_id is null and j.phone_number_id > n.id
      order by j.phone_number_id limit 1
    )
    from numbers n where n.id is not null
  )
  select n.id from numbers n where n.id is not null;
$$;
comment on function private.waiting_numbers() is 'Numbers with a head that is not on its queue yet';

create function private.stranded_numbers() returns setof uuid
language sql stable
set search_path = ''
as $$
  select w.id from private.waiting_numbers() as w (id)
  where not exists (
    select 1 from public.message_jobs j
    where j.phone_number_id = w.id and j.queue_name in ('sms_priority_queue', 'sms_queue')
      and j.status in ('queued', 'processing') and j.queue_message_id is not null
  );
$$;
comment on function private.stranded_numbers() is
  'Numbers with waiting jobs and none on a queue: the last one ended while the next was being written, and neither saw the other. Nobody else would let them in';

create function private.admit_everywhere() returns integer
language sql volatile
set search_path = ''
as $$ select private.admit(array(select w from private.waiting_numbers() w)); $$;
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
