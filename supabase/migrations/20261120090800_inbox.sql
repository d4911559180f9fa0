-- What the inbox shows: one shape for a message and one for a thread, built here and nowhere else.

create function private.member_name(p_organization_id uuid, p_user_id uuid) returns text
language sql stable
set search_path = ''
as $$
  select m.display_name from public.members m
  where m.organization_id = p_organization_id and m.user_id = p_user_id;
$$;
comment on function private.member_name(uuid, uuid) is 'Display name of a member, null when unknown';

create function private.message_object(p_message public.messages) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', p_message.id,
    'thread_id', p_message.thread_id,
    'sequence', p_message.sequence,
    'direction', p_message.direction,
    'body', p_message.body,
    'status', p_message.status,
    'segments', p_message.segments,
    'author_id', p_message.author_id,
    'author_name', case
      when p_message.author_id is not null then private.member_name(p_message.organization_id, p_message.author_id)
    end,
    'client_key', p_message.client_key,
    'error_code', p_message.error_code,
    'error_text', p_message.error_text,
    'delayed_until', p_message.delayed_until,
    'carrier_holds_until', p_message.carrier_holds_until,
    'created_at', p_message.created_at,
    'sent_at', p_message.sent_at,
    'delivered_at', p_message.delivered_at,
    'media', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', d.id, 'position', d.position, 'content_type', d.content_type, 'size_bytes', d.size_bytes,
        'storage_path', d.storage_path, 'status', d.status
      ) order by d.position), '[]')
      from public.message_media d where d.message_id = p_message.id
    )
  );
$$;
comment on function private.message_object(public.messages) is 'A message as the inbox and the topics show it';

create function private.thread_summary(p_thread public.threads) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', p_thread.id,
    'organization_id', p_thread.organization_id,
    'status', p_thread.status,
    'assignee_id', p_thread.assignee_id,
    'contact', jsonb_build_object(
      'id', c.id, 'phone_number', c.phone_number, 'name', c.name, 'time_zone', c.time_zone
    ),
    'phone_number', jsonb_build_object('id', n.id, 'phone_number', n.phone_number, 'label', n.label),
    'last_message', case when m.id is not null then jsonb_build_object(
      'id', m.id, 'sequence', m.sequence, 'direction', m.direction, 'preview', left(m.body, 160),
      'has_media', exists (select 1 from public.message_media d where d.message_id = m.id),
      'status', m.status, 'author_name', private.member_name(m.organization_id, m.author_id), 'created_at', m.created_at
    ) end,
    'last_message_at', p_thread.last_message_at,
    'last_sequence', p_thread.last_sequence,
    'last_inbound_sequence', p_thread.last_inbound_sequence,
    'opted_out', private.is_opted_out(p_thread.organization_id, c.phone_number),
    'updated_at', p_thread.updated_at
  )
  from public.contacts c
  join public.phone_numbers n on n.id = p_thread.phone_number_id
  left join public.messages m on m.id = p_thread.last_message_id
  where c.id = p_thread.contact_id;
$$;
comment on function private.thread_summary(public.threads) is 'A row of the inbox list, the same for every member';

create function private.unread_count(p_thread public.threads) returns integer
language sql stable
set search_path = ''
as $$
  select case when p_thread.last_inbound_sequence <= r.last_read then 0 else (
    select count(*) from public.messages m
    where m.thread_id = p_thread.id and m.sequence > r.last_read and m.direction = 'inbound'
  ) end::integer
  from (
    select coalesce(max(t.last_read_sequence), 0) as last_read from public.thread_reads t
    where t.thread_id = p_thread.id and t.user_id = (select auth.uid())
  ) r;
$$;
comment on function private.unread_count(public.threads) is 'Inbound messages past the caller''s own read marker';

create function private.my_thread_summary(p_thread public.threads) returns jsonb
language sql stable
set search_path = ''
as $$
  select private.thread_summary(p_thread) || jsonb_build_object('unread_count', private.unread_count(p_thread));
$$;
comment on function private.my_thread_summary(public.threads) is 'thread_summary with what only the caller knows';

grant execute on function
  private.member_name(uuid, uuid), private.message_object(public.messages), private.thread_summary(public.threads),
  private.unread_count(public.threads), private.my_thread_summary(public.threads), private.is_opted_out(uuid, text)
to authenticated;

-- Reading. These run as the caller, so row-level security guards them like any select.

create function private.parse_change_cursor(
  p_cursor text, out base xid8, out after_xid xid8, out after_id uuid
)
language plpgsql immutable
set search_path = ''
as $$
begin
  -- "<base>" or, between the pages of one answer, "<base>.<xid>.<id>".
  if p_cursor !~ '^[0-9]{1,19}(\.[0-9]{1,19}\.[0-9a-f-]{36})?$' then
    raise exception using errcode = 'TL002', message = 'This cursor was not made by us';
  end if;
  base := split_part(p_cursor, '.', 1)::xid8;
  after_xid := coalesce(nullif(split_part(p_cursor, '.', 2), ''), base::text)::xid8;
  after_id := coalesce(nullif(split_part(p_cursor, '.', 3), ''), '00000000-0000-0000-0000-000000000000')::uuid;
exception
  when invalid_text_representation or numeric_value_out_of_range then
    raise exception using errcode = 'TL002', message = 'This cursor was not made by us';
end;
$$;
comment on function private.parse_change_cursor(text) is 'Reads a cursor of inbox_changes or thread_changes. Errors: TL002';

create function private.next_change_cursor(p_since text, p_now xid8, p_position text) returns text
language sql immutable
set search_path = ''
as $$
  -- The first page fixed the base: whatever commits while the reader pages is asked for again from there.
  select case when position('.' in p_since) > 0 then split_part(p_since, '.', 1) else p_now::text end
    || coalesce('.' || p_position, '');
$$;
comment on function private.next_change_cursor(text, xid8, text) is
  'The cursor to hand out: p_position while there are more pages, null on the last';

grant execute on function private.parse_change_cursor(text) to authenticated;

create function public.inbox_page(
  p_organization_id uuid, p_before_at timestamptz default null, p_before_id uuid default null, p_limit integer default 50
) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'threads', coalesce(jsonb_agg(private.my_thread_summary(t) order by t.last_message_at desc, t.id desc), '[]'),
    'cursor', pg_snapshot_xmin(pg_current_snapshot())::text, 'snapshot', pg_current_snapshot()::text
  )
  from (
    select t.* from public.threads t
    where t.organization_id = p_organization_id
      -- Threads of jobs that have not gone out yet lie at the far end of the index.
      and t.last_message_at > '-infinity'
      -- Without "or", so that a page far down starts from its place in the index.
      and (t.last_message_at, t.id) < (
        coalesce(p_before_at, 'infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      )
    order by t.last_message_at desc, t.id desc
    limit least(greatest(p_limit, 1), 200)
  ) t;
$$;
comment on function public.inbox_page(uuid, timestamptz, uuid, integer) is
  'Threads by newest activity, at most 200, older than (p_before_at, p_before_id); with the cursor for inbox_changes';

create function public.inbox_changes(p_organization_id uuid, p_since text default null, p_limit integer default 200)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_now constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_limit constant integer := least(greatest(p_limit, 1), 500);
  v_cursor record;
  v_page record;
begin
  if p_since is null then
    return jsonb_build_object('threads', '[]'::jsonb, 'cursor', v_now::text, 'snapshot', pg_current_snapshot()::text, 'has_more', false);
  end if;
  v_cursor := private.parse_change_cursor(p_since);
  -- A cursor from the future is from before a restore: what changed since is unknown, so the reader starts over.
  if v_cursor.base > v_now then
    return jsonb_build_object('threads', '[]'::jsonb, 'cursor', v_now::text, 'snapshot', pg_current_snapshot()::text, 'has_more', false, 'reset', true);
  end if;
  with changed as (
    (select t.id, t.change_xid as xid from public.threads t
      where t.organization_id = p_organization_id and (t.change_xid, t.id) > (v_cursor.after_xid, v_cursor.after_id)
      order by t.change_xid, t.id limit v_limit)
    union all
    (select r.thread_id, r.change_xid from public.thread_reads r
      where r.organization_id = p_organization_id and r.user_id = (select auth.uid())
        and (r.change_xid, r.thread_id) > (v_cursor.after_xid, v_cursor.after_id)
      order by r.change_xid, r.thread_id limit v_limit)
  ), page as (
    select c.xid, c.id from changed c order by c.xid, c.id limit v_limit
  )
  select
    coalesce((
      select jsonb_agg(private.my_thread_summary(t)) from public.threads t
      where t.id in (select p.id from page p) and t.last_message_at > '-infinity'
    ), '[]') as threads,
    (select count(*) from page) as rows,
    (select p.xid::text || '.' || p.id::text from page p order by p.xid desc, p.id desc limit 1) as position
  into v_page;
  return jsonb_build_object(
    'threads', v_page.threads,
    'has_more', v_page.rows = v_limit,
    'snapshot', pg_current_snapshot()::text,
    'cursor', private.next_change_cursor(p_since, v_now, case when v_page.rows = v_limit then v_page.position end)
  );
end;
$$;
comment on function public.inbox_changes(uuid, text, integer) is
  'Every thread changed since the cursor; may repeat one, never misses one. Call again while has_more; reset = read the list anew. Errors: TL002';

create function public.thread_messages(
  p_thread_id uuid, p_before_sequence integer default null, p_after_sequence integer default null,
  p_limit integer default 50
) returns jsonb
language sql stable
set search_path = ''
as $$
  with page as (
    -- Newest first unless the reader walks forward; one row more than asked tells whether there are more.
    (select m.* from public.messages m
      where m.thread_id = p_thread_id and p_after_sequence is null
        and m.sequence <= coalesce(p_before_sequence - 1, 2147483647)
      order by m.sequence desc limit least(greatest(p_limit, 1), 200) + 1)
    union all
    (select m.* from public.messages m
      where m.thread_id = p_thread_id and m.sequence > p_after_sequence
      order by m.sequence limit least(greatest(p_limit, 1), 200) + 1)
  ), kept as (
    select p.*::public.messages as message from (
      select q.* from page q
      order by case when p_after_sequence is null then -q.sequence else q.sequence end
      limit least(greatest(p_limit, 1), 200)
    ) p
  )
  select jsonb_build_object(
    'thread', private.my_thread_summary(t),
    'messages', coalesce((
      select jsonb_agg(private.message_object(k.message) order by (k.message).sequence) from kept k
    ), '[]'),
    'cursor', pg_snapshot_xmin(pg_current_snapshot())::text, 'snapshot', pg_current_snapshot()::text,
    'has_more', (select count(*) from page) > least(greatest(p_limit, 1), 200)
  )
  from public.threads t where t.id = p_thread_id;
$$;
comment on function public.thread_messages(uuid, integer, integer, integer) is
  'A page of one thread, ascending: the newest, those before a sequence, or those after one; null when there is no such thread for the caller';

create function public.thread_changes(p_thread_id uuid, p_since text default null, p_limit integer default 200)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_now constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_limit constant integer := least(greatest(p_limit, 1), 500);
  v_cursor record;
  v_page record;
begin
  if p_since is null then
    return jsonb_build_object('messages', '[]'::jsonb, 'cursor', v_now::text, 'snapshot', pg_current_snapshot()::text, 'has_more', false);
  end if;
  v_cursor := private.parse_change_cursor(p_since);
  if v_cursor.base > v_now then
    return jsonb_build_object('messages', '[]'::jsonb, 'cursor', v_now::text, 'snapshot', pg_current_snapshot()::text, 'has_more', false, 'reset', true);
  end if;
  with page as (
    select m.id, m.change_xid, m.sequence, private.message_object(m) as message from public.messages m
    where m.thread_id = p_thread_id and (m.change_xid, m.id) > (v_cursor.after_xid, v_cursor.after_id)
    order by m.change_xid, m.id limit v_limit
  )
  select
    coalesce(jsonb_agg(p.message order by p.sequence), '[]') as messages,
    count(*) as rows,
    (select l.change_xid::text || '.' || l.id::text from page l order by l.change_xid desc, l.id desc limit 1) as position
  into v_page from page p;
  return jsonb_build_object(
    'messages', v_page.messages,
    'has_more', v_page.rows = v_limit,
    'snapshot', pg_current_snapshot()::text,
    'cursor', private.next_change_cursor(p_since, v_now, case when v_page.rows = v_limit then v_page.position end)
  );
end;
$$;
comment on function public.thread_changes(uuid, text, integer) is
  'Every message of the thread that is new or changed since the cursor; same promises as inbox_changes. Errors: TL002';

create function private.mark_thread_read(p_thread_id uuid, p_sequence integer) returns void
language plpgsql volatile
security definer -- thread_reads has no write grant
set search_path = ''
as $$
declare
  v_thread public.threads;
begin
  select t.* into v_thread from public.threads t
  where t.id = p_thread_id and t.organization_id in (select private.my_organization_ids());
  if v_thread.id is null then
    raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
  end if;
  insert into public.thread_reads as r (thread_id, user_id, organization_id, last_read_sequence)
  values (v_thread.id, (select auth.uid()), v_thread.organization_id, least(greatest(p_sequence, 0), v_thread.last_sequence))
  on conflict (thread_id, user_id) do update set last_read_sequence = excluded.last_read_sequence
  where r.last_read_sequence < excluded.last_read_sequence;
  if found then
    perform private.announce(
      jsonb_build_object(
        'user_id', (select auth.uid()), 'sequence', least(greatest(p_sequence, 0), v_thread.last_sequence)
      ),
      'thread_read', private.thread_topic(v_thread.organization_id, v_thread.id)
    );
  end if;
end;
$$;
comment on function private.mark_thread_read(uuid, integer) is 'Moves the caller''s read marker forward, never back';

create function public.mark_thread_read(p_thread_id uuid, p_sequence integer) returns void
language sql volatile
set search_path = ''
as $$ select private.mark_thread_read(p_thread_id, p_sequence); $$;
comment on function public.mark_thread_read(uuid, integer) is 'The caller has read the thread up to this sequence. Errors: TL001';

grant execute on function
  private.next_change_cursor(text, xid8, text), private.mark_thread_read(uuid, integer),
  public.inbox_page(uuid, timestamptz, uuid, integer), public.inbox_changes(uuid, text, integer),
  public.thread_messages(uuid, integer, integer, integer), public.thread_changes(uuid, text, integer),
  public.mark_thread_read(uuid, integer)
to authenticated;
