-- What the Delivery screen shows and does: figures, decisions, letters, alerts.

create table private.engine_signs (
  is_only boolean primary key default true check (is_only),
  swept_at timestamptz not null
);
comment on table private.engine_signs is 'When a worker last swept: a sign that one runs, for those who wait for it';

create function private.note_sweep() returns void
language sql volatile
set search_path = ''
as $$
  insert into private.engine_signs as s (swept_at) values (clock_timestamp())
  on conflict (is_only) do update set swept_at = excluded.swept_at;
$$;
comment on function private.note_sweep() is 'A worker is here; called by whoever sweeps, so one at a time';

create function private.asks_a_person(p_job public.message_jobs) returns boolean
language sql stable
set search_path = ''
as $$
  select p_job.status = 'unknown' and coalesce(p_job.error_details ->> 'code' = 'unconfirmed', false) and not exists (
    select 1 from public.message_jobs r
    where r.organization_id = p_job.organization_id and r.idempotency_key = 'resend:' || p_job.id
  );
$$;
comment on function private.asks_a_person(public.message_jobs) is
  'Nobody could tell whether it arrived, and no policy has sent it again: a person decides';

create function private.count_undecided(p_organization_id uuid) returns integer
language sql stable
set search_path = ''
as $$
  select count(*)::integer from (
    select 1 from public.message_jobs j
    where j.organization_id = p_organization_id and j.status = 'unknown' and private.asks_a_person(j) limit 1000
  ) u;
$$;
comment on function private.count_undecided(uuid) is 'Jobs that wait for a person''s word; 1,000 means at least so many';

create function private.number_figures(p_organization_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', n.id, 'phone_number', n.phone_number, 'label', n.label, 'status', n.status,
    'provider_account_id', n.provider_account_id, 'segments_per_second', n.segments_per_second,
    'daily_cap', n.daily_cap, 'used_today', private.used_today(n.id),
    'oldest_waiting_seconds', greatest(private.lateness(n.id), 0)
  ) order by n.created_at, n.id), '[]')
  from public.phone_numbers n where n.organization_id = p_organization_id and n.released_at is null;
$$;
comment on function private.number_figures(uuid) is 'Each number held now, with its rate, what it has sent today and how long its eldest message waits';

create function private.screen_figures(p_organization_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'checked_at', clock_timestamp(),
    'worker_seen_at', (select max(s.swept_at) from private.engine_signs s),
    'held', (
      select coalesce(jsonb_object_agg(h.hold_reason, h.count), '{}') from (
        select l.hold_reason, count(*) from (
          select j.hold_reason from public.message_jobs j
          where j.organization_id = p_organization_id and j.status = 'held' limit 100000
        ) l
        group by l.hold_reason
      ) h
    ),
    'undecided', private.count_undecided(p_organization_id),
    'dead_letters', (
      select count(*) from (
        select 1 from public.message_jobs j
        where j.organization_id = p_organization_id and j.status = 'dead' and j.error_details ? 'dead_letter_id' limit 100000
      ) l
    ),
    'numbers', private.number_figures(p_organization_id)
  );
$$;
comment on function private.screen_figures(uuid) is 'What queue_health adds for admins';

create function private.delivery_notice(p_organization_id uuid) returns jsonb
language plpgsql stable
security definer -- counts for admins, behind one door
set search_path = ''
as $$
begin
  perform private.require_admin(p_organization_id);
  return jsonb_build_object('undecided', private.count_undecided(p_organization_id)) || (
    select jsonb_build_object('alerts', count(*), 'is_critical', coalesce(bool_or(a.severity = 'critical'), false))
    from public.alerts a
    -- What a person has to decide is counted above.
    where a.organization_id = p_organization_id and a.closed_at is null and a.acknowledged_at is null
      and a.kind <> 'send_unconfirmed'
  );
end;
$$;
comment on function private.delivery_notice(uuid) is 'Whether an admin should look at all; cheap enough to be asked every minute';

create function public.delivery_notice(p_organization_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$ select private.delivery_notice(p_organization_id); $$;
comment on function public.delivery_notice(uuid) is
  '{undecided, alerts, is_critical}: sends that wait for a word, and open alerts nobody has acknowledged. Admins. Errors: TL001';

create function private.unknown_sends(
  p_organization_id uuid, p_is_asked boolean, p_before timestamptz, p_before_id uuid, p_limit integer
) returns jsonb
language plpgsql stable
security definer -- one door for admins, with everything tried
set search_path = ''
as $$
begin
  perform private.require_admin(p_organization_id);
  return (
    select coalesce(jsonb_agg(private.job_object(u.job) || jsonb_build_object(
      'body', (u.job).body, 'contact_name', c.name, 'from', n.phone_number,
      'is_asked', private.asks_a_person(u.job),
      'sent_again_as', (
        select r.id from public.message_jobs r
        where r.organization_id = p_organization_id and r.idempotency_key = 'resend:' || (u.job).id
      ),
      'attempts', private.attempts_of(p_organization_id, (u.job).id)
    ) order by (u.job).updated_at desc, (u.job).id desc), '[]')
    from (
      select j as job from public.message_jobs j
      where j.organization_id = p_organization_id and j.status = 'unknown' and private.asks_a_person(j) = p_is_asked
        and (p_before is null or (j.updated_at, j.id) < (p_before, coalesce(p_before_id, '00000000-0000-0000-0000-000000000000')))
      order by j.updated_at desc, j.id desc limit least(greatest(p_limit, 1), 200)
    ) u
    join public.threads t on t.id = (u.job).thread_id
    join public.contacts c on c.id = t.contact_id
    join public.phone_numbers n on n.id = (u.job).phone_number_id
  );
end;
$$;
comment on function private.unknown_sends(uuid, boolean, timestamptz, uuid, integer) is
  'Jobs of which nobody knows whether they arrived, newest first, with everything tried';

create function public.unknown_sends(
  p_organization_id uuid, p_is_asked boolean default true, p_before timestamptz default null,
  p_before_id uuid default null, p_limit integer default 50
) returns jsonb
language sql stable
set search_path = ''
as $$ select private.unknown_sends(p_organization_id, p_is_asked, p_before, p_before_id, p_limit); $$;
comment on function public.unknown_sends(uuid, boolean, timestamptz, uuid, integer) is
  'Jobs in doubt that wait for a person (p_is_asked), or those still looked up or sent again by policy; page by updated_at and job_id of the last. Admins. Errors: TL001';

create function private.dead_letter_kinds(p_organization_id uuid) returns jsonb
language plpgsql stable
security definer -- one door for admins
set search_path = ''
as $$
begin
  perform private.require_admin(p_organization_id);
  return (
    select coalesce(jsonb_agg(jsonb_build_object('code', k.code, 'text', k.text, 'count', k.count) order by k.count desc, k.code), '[]')
    from (
      select coalesce(j.error_details ->> 'code', '') as code, max(j.error_details ->> 'text') as text, count(*)
      from public.message_jobs j
      where j.organization_id = p_organization_id and j.status = 'dead' and j.error_details ? 'dead_letter_id'
      group by 1
    ) k
  );
end;
$$;
comment on function private.dead_letter_kinds(uuid) is 'Dead letters by the error that ended them';

create function public.dead_letter_kinds(p_organization_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$ select private.dead_letter_kinds(p_organization_id); $$;
comment on function public.dead_letter_kinds(uuid) is
  '[{code, text, count}] of the dead letters nobody dealt with, most first. Admins. Errors: TL001';

create function private.discard_dead_letters(p_organization_id uuid, p_job_ids uuid[]) returns integer
language plpgsql volatile
security definer -- jobs have no write grant
set search_path = ''
as $$
declare
  v_count integer;
begin
  perform private.require_admin(p_organization_id);
  v_count := private.take_off_letters(p_organization_id, p_job_ids);
  perform private.write_audit(p_organization_id, 'dead_letters_discarded', 'message_job', array_to_string(p_job_ids[1:20], ','),
    jsonb_build_object('count', v_count));
  return v_count;
end;
$$;
comment on function private.discard_dead_letters(uuid, uuid[]) is 'Dealt with by leaving them unsent; the messages stay failed';

create function public.discard_dead_letters(p_organization_id uuid, p_job_ids uuid[]) returns integer
language sql volatile
set search_path = ''
as $$ select private.discard_dead_letters(p_organization_id, p_job_ids); $$;
comment on function public.discard_dead_letters(uuid, uuid[]) is
  'Takes letters off the dead-letter queue without sending them again; returns how many. Admins. Errors: TL001';

create function private.acknowledge_alerts(p_organization_id uuid, p_alert_ids uuid[]) returns integer
language plpgsql volatile
security definer -- alerts has no write grant
set search_path = ''
as $$
declare
  v_alert_ids uuid[];
begin
  perform private.require_admin(p_organization_id);
  -- A sweep opens and closes several as well, in an order of its own: one of the two at a time.
  perform pg_advisory_xact_lock(hashtextextended('threadline:sweep', 0));
  with known as (
    update public.alerts a
    set acknowledged_at = now(), acknowledged_by = (select auth.uid()),
      -- It happened once and has no threshold to leave: to know of it is all there is to do.
      closed_at = case when a.kind in ('sent_twice', 'recall_too_late', 'sent_after_recall') then now() end
    where a.organization_id = p_organization_id and a.id = any (p_alert_ids)
      and a.closed_at is null and a.acknowledged_at is null
    returning a.id
  )
  select coalesce(array_agg(k.id), '{}') into v_alert_ids from known k;
  perform private.write_audit(p_organization_id, 'alert_acknowledged', 'alert', a::text) from unnest(v_alert_ids) a;
  return cardinality(v_alert_ids);
end;
$$;
comment on function private.acknowledge_alerts(uuid, uuid[]) is 'An admin knows of these alerts';

create function public.acknowledge_alerts(p_organization_id uuid, p_alert_ids uuid[]) returns integer
language sql volatile
set search_path = ''
as $$ select private.acknowledge_alerts(p_organization_id, p_alert_ids); $$;
comment on function public.acknowledge_alerts(uuid, uuid[]) is
  'Marks open alerts as known, which stays until they get worse; returns how many were news. Admins. Errors: TL001';

create function private.resume_account(p_provider_account_id uuid) returns void
language plpgsql volatile
security definer -- provider_accounts has no write grant
set search_path = ''
as $$
declare
  v_organization_id constant uuid := (select a.organization_id from public.provider_accounts a where a.id = p_provider_account_id);
begin
  perform private.require_admin(v_organization_id);
  -- The reason stays until a worker has seen the account work: until then one message at a time goes first.
  update public.provider_accounts a set paused_until = clock_timestamp()
  where a.id = p_provider_account_id and a.paused_until > clock_timestamp();
  if found then
    perform private.show_entries(p_provider_account_id);
    perform private.wake_workers();
    perform private.write_audit(v_organization_id, 'account_resumed', 'provider_account', p_provider_account_id::text);
  end if;
end;
$$;
comment on function private.resume_account(uuid) is 'Ends the pause of a carrier account early';

create function public.resume_account(p_provider_account_id uuid) returns void
language sql volatile
set search_path = ''
as $$ select private.resume_account(p_provider_account_id); $$;
comment on function public.resume_account(uuid) is
  'Tries a paused carrier account now: one waiting message goes first, and if it fails the pause begins again. Admins. Errors: TL001';

create function private.set_resend_policy(p_organization_id uuid, p_classes text[]) returns text[]
language plpgsql volatile
security definer -- the column has no write grant: a change belongs in the audit log
set search_path = ''
as $$
declare
  v_classes constant text[] := array(select distinct c from unnest(p_classes) c order by c);
begin
  perform private.require_admin(p_organization_id);
  if p_classes is null or not v_classes <@ '{conversational,transactional,marketing,urgent}'::text[] then
    raise exception using errcode = 'TL002', message = 'A message class is conversational, transactional, marketing or urgent';
  end if;
  update public.organizations o set resend_unconfirmed = v_classes where o.id = p_organization_id;
  perform private.write_audit(p_organization_id, 'resend_policy_changed', 'organization', p_organization_id::text,
    jsonb_build_object('classes', v_classes));
  return v_classes;
end;
$$;
comment on function private.set_resend_policy(uuid, text[]) is 'What goes out again by itself when nobody can tell whether it arrived';

create function public.set_resend_policy(p_organization_id uuid, p_classes text[]) returns text[]
language sql volatile
set search_path = ''
as $$ select private.set_resend_policy(p_organization_id, p_classes); $$;
comment on function public.set_resend_policy(uuid, text[]) is
  'The message classes whose unconfirmed sends go out again by themselves; returns them. Admins. Errors: TL001, TL002';

grant execute on function
  private.delivery_notice(uuid), public.delivery_notice(uuid),
  private.unknown_sends(uuid, boolean, timestamptz, uuid, integer), public.unknown_sends(uuid, boolean, timestamptz, uuid, integer),
  private.dead_letter_kinds(uuid), public.dead_letter_kinds(uuid),
  private.discard_dead_letters(uuid, uuid[]), public.discard_dead_letters(uuid, uuid[]),
  private.acknowledge_alerts(uuid, uuid[]), public.acknowledge_alerts(uuid, uuid[]),
  private.resume_account(uuid), public.resume_account(uuid),
  private.set_resend_policy(uuid, text[]), public.set_resend_policy(uuid, text[])
to authenticated;
