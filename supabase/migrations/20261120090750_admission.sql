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
return least(500, greatest(4, ceil(p_segments_per_second * 3)))::integer;
comment on function private.admission_window(numeric) is
  'How many jobs of one number stand on a queue at a time: three seconds'' worth, so that nobody''s campaign stands in front of everybody';

create function private.count_admitted(p_phone_number_id uuid, p_queue_name text, p_limit integer)
returns table (due bigint, total bigint)
language sql stable rows 1
set search_path = ''
as $$
  select count(*) filter (where a.due_at <= clock_timestamp()), count(*)
  from (
    select j.due_at from public.message_jobs j
    where j.phone_number_id = p_phone_number_id and j.queue_name = p_queue_name and j.status in ('queued', 'processing')
      and j.queue_message_id is not null
    limit p_limit
  ) a;
$$;
comment on function private.count_admitted(uuid, text, integer) is
  'How many jobs of a number stand on a queue, and how many of them do not wait for their next try; counted up to a limit';

create function private.is_waiting(p_phone_number_id uuid, p_queue_name text) returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select 1 from public.message_jobs j
    where j.phone_number_id = p_phone_number_id and j.queue_name = p_queue_name and j.status = 'queued' and j.is_head
      and j.queue_message_id is null
  );
$$;
comment on function private.is_waiting(uuid, text) is 'True when a number has a head that is not on its queue yet';

create function private.admission_rooms(p_phone_number_ids uuid[])
returns table (provider_account_id uuid, queue_name text, phone_number_id uuid, number_room bigint, account_room bigint)
language sql stable
set search_path = ''
as $$
  with numbers as materialized (
    -- All numbers of these accounts: what one leaves free another may take.
    select n.id, n.provider_account_id, q.name, private.admission_window(n.segments_per_second) as size,
      private.is_waiting(n.id, q.name) as is_waiting
    from public.phone_numbers n
    cross join (values ('sms_priority_queue'), ('sms_queue')) q (name)
    where n.provider_account_id = any (array(
      select o.provider_account_id from public.phone_numbers o where o.id = any (p_phone_number_ids)
    ))
  ), counted as (
    select n.*, sum(c.due) over account as account_due, sum(c.total) over account as account_total, c.due, c.total
    from numbers n cross join lateral private.count_admitted(n.id, n.name, 4 * n.size) c
    where exists (
      select 1 from numbers w where w.provider_account_id = n.provider_account_id and w.name = n.name and w.is_waiting
    )
    window account as (partition by n.provider_account_id, n.name)
  )
  -- What waits for its next try gives its place to others, but only so many: the queue must stay short.
  select c.provider_account_id, c.name, c.id, least(c.size - c.due, 4 * c.size - c.total),
    least(500 - c.account_due, 2000 - c.account_total)::bigint
  from counted c where c.is_waiting;
$$;
comment on function private.admission_rooms(uuid[]) is
  'How many more jobs may go on each queue: for each number that has some waiting, of the accounts these numbers belong to, its own window, and the 500 of its account';

create function private.admit(p_phone_number_ids uuid[]) returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_admitted integer := 0;
  v_batch record;
begin
  if cardinality(p_phone_number_ids) = 0 then
    return 0;
  end if;
  for v_batch in
    select w.queue_name, array_agg(w.id order by w.position) as job_ids
    from (
      select r.queue_name, r.account_room, p.id, p.position,
        row_number() over (partition by r.provider_account_id, r.queue_name order by p.position) as place
      from private.admission_rooms(p_phone_number_ids) r
      cross join lateral (
        select j.id, j.position from public.message_jobs j
        where j.phone_number_id = r.phone_number_id and j.queue_name = r.queue_name and j.status = 'queued' and j.is_head
          and j.queue_message_id is null
        order by j.position
        limit greatest(least(r.number_room, r.account_room), 0)
        for no key update skip locked
      ) p
    ) w
    where w.place <= w.account_room
    group by w.queue_name
  loop
    perform private.queue_jobs(v_batch.queue_name, v_batch.job_ids);
    v_admitted := v_admitted + cardinality(v_batch.job_ids);
  end loop;
  return v_admitted;
end;
$$;
comment on function private.admit(uuid[]) is
  'Fills the windows of these numbers, and of others of their accounts, with the heads that have waited longest; returns how many were admitted';

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
  select n.id from private.waiting_numbers() as w (id)
  join public.phone_numbers n on n.id = w.id
  where not exists (
    select 1 from public.phone_numbers o
    join public.message_jobs j on j.phone_number_id = o.id and j.queue_name in ('sms_priority_queue', 'sms_queue')
      and j.status in ('queued', 'processing') and j.queue_message_id is not null
    where o.provider_account_id = n.provider_account_id
  );
$$;
comment on function private.stranded_numbers() is
  'Numbers with waiting jobs whose account has none on a queue: the last one ended while the next was being written, and neither saw the other. Nobody else would let them in';

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
