-- Which jobs of a call are accepted: each is read and accepted or refused for a reason of its own. Nothing is written.

create type private.draft as (
  place integer,
  job_id uuid,
  recipient text,
  phone_number_id uuid,
  time_zone text,
  body text,
  template_version_id uuid,
  variables jsonb,
  segments smallint,
  message_class text,
  priority smallint,
  scheduled_for timestamptz,
  due_at timestamptz,
  send_before timestamptz,
  window_until timestamptz,
  decision jsonb,
  idempotency_key text,
  content_key bytea,
  dedupe_seconds integer,
  max_retries smallint,
  metadata jsonb,
  outcome text,
  code text,
  message text,
  details jsonb,
  carrier_at timestamptz
);
comment on type private.draft is
  'A job on its way from a producer''s JSON to a row: outcome accepted, duplicate (job_id is the older job) or refused with code and message';

create function private.try_timestamp(p_text text, out value timestamptz, out is_valid boolean)
language plpgsql stable
set search_path = ''
as $$
begin
  -- An instant, not a local time that the server's zone would have to complete.
  is_valid := p_text is null or p_text ~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$';
  value := case when is_valid then p_text::timestamptz end;
exception
  when datetime_field_overflow or invalid_datetime_format or invalid_time_zone_displacement_value then
    value := null;
    is_valid := false;
end;
$$;
comment on function private.try_timestamp(text) is 'An ISO 8601 instant with its offset; is_valid false for anything else but null';

create function private.priority_of(p_text text) returns smallint
language sql immutable
return case
  when p_text is null then 5
  when p_text = 'urgent' then 9
  when p_text = 'high' then 7
  when p_text = 'normal' then 5
  when p_text ~ '^(10|[0-9])$' then p_text::smallint
end::smallint;
comment on function private.priority_of(text) is 'urgent 9, high 7, normal 5, or a number from 0 to 10; null for anything else';

create function private.problem_of_job(p_job jsonb) returns text
language sql stable
set search_path = ''
as $$
  select case
    when jsonb_typeof(p_job) is distinct from 'object' then 'A job is an object'
    when p_job - array[
      'to', 'from', 'body', 'template', 'variables', 'class', 'priority', 'scheduled_for', 'send_before',
      'idempotency_key', 'dedupe_window_seconds', 'max_retries', 'metadata', 'carrier_scheduling'
    ] <> '{}' then 'A job has a property that is not known'
    when concat(
      jsonb_typeof(p_job -> 'to'), jsonb_typeof(p_job -> 'from'), jsonb_typeof(p_job -> 'body'),
      jsonb_typeof(p_job -> 'template'), jsonb_typeof(p_job -> 'class'), jsonb_typeof(p_job -> 'scheduled_for'),
      jsonb_typeof(p_job -> 'send_before'), jsonb_typeof(p_job -> 'idempotency_key')
    ) ~ 'number|boolean|array|object' then 'Numbers, texts, keys and times are strings'
    when coalesce(jsonb_typeof(p_job -> 'carrier_scheduling'), 'boolean') <> 'boolean'
      then 'Whether the carrier does the waiting is true or false'
    when p_job -> 'carrier_scheduling' = 'true' and p_job ->> 'scheduled_for' is null
      then 'A job that is to wait at the carrier needs scheduled_for'
    when (p_job ->> 'body' is null) = (p_job ->> 'template' is null) then 'A job has either a body or a template'
    when coalesce(p_job ->> 'class', 'transactional') not in ('conversational', 'transactional', 'marketing', 'urgent')
      then 'The class is conversational, transactional, marketing or urgent'
    when private.priority_of(p_job ->> 'priority') is null then 'The priority is urgent, high, normal, or 0 to 10'
    when p_job ->> 'scheduled_for' is not null and not (private.try_timestamp(p_job ->> 'scheduled_for')).is_valid
      or p_job ->> 'send_before' is not null and not (private.try_timestamp(p_job ->> 'send_before')).is_valid then 'A time is ISO 8601 with its offset'
    when jsonb_typeof(coalesce(p_job -> 'variables', '{}')) <> 'object'
      or jsonb_typeof(coalesce(p_job -> 'metadata', '{}')) <> 'object' then 'Variables and metadata are objects'
    when coalesce(p_job ->> 'dedupe_window_seconds', '0') !~ '^\d{1,7}$' then 'The dedupe window is in whole seconds'
    when coalesce(p_job ->> 'max_retries', '0') !~ '^(20|1?\d)$' then 'Retries are 0 to 20'
    when char_length(coalesce(p_job ->> 'idempotency_key', '-')) not between 1 and 200
      then 'An idempotency key has 1 to 200 characters'
  end;
$$;
comment on function private.problem_of_job(jsonb) is 'What is wrong with the form of a job, in words; null when nothing is';

create function private.words_of(p_code text) returns text
language sql immutable
return case p_code
  when 'TL100' then 'The message is empty'
  when 'TL101' then 'The message is longer than 1,600 characters'
  when 'TL102' then 'This is not a phone number that can be texted'
  when 'TL103' then 'This person has opted out of texts'
  when 'TL104' then 'This number cannot be used for sending at present'
  when 'TL105' then 'This idempotency key already belongs to another job'
  when 'TL110' then 'There is no such template'
  when 'TL112' then 'There is no moment at which this may be sent: too far ahead, too late, or in quiet hours until its end'
  when 'TL113' then 'The same text to the same person was accepted a moment ago'
end;
comment on function private.words_of(text) is 'A refusal in words for a person';

create function private.parse_jobs(p_organization_id uuid, p_jobs jsonb)
returns table (
  place integer, recipient text, sender text, body text, template text, variables jsonb, message_class text,
  priority smallint, scheduled_for timestamptz, send_before timestamptz, idempotency_key text, dedupe_seconds integer,
  max_retries smallint, metadata jsonb, problem text, wants_carrier boolean
)
language sql stable rows 1000
set search_path = ''
as $$
  with given as materialized (
    select e.place, e.job, private.problem_of_job(e.job) as problem
    from jsonb_array_elements(p_jobs) with ordinality as e (job, place)
  )
  select g.place - 1, g.job ->> 'to', g.job ->> 'from', g.job ->> 'body', g.job ->> 'template',
    coalesce(g.job -> 'variables', '{}'), coalesce(g.job ->> 'class', 'transactional'),
    private.priority_of(g.job ->> 'priority'),
    case
      when g.job ->> 'scheduled_for' is null then now()
      else greatest((private.try_timestamp(g.job ->> 'scheduled_for')).value, now())
    end,
    case when g.job ->> 'send_before' is not null then (private.try_timestamp(g.job ->> 'send_before')).value end,
    g.job ->> 'idempotency_key',
    coalesce(case when g.problem is null then (g.job ->> 'dedupe_window_seconds')::integer end, 300),
    coalesce(case when g.problem is null then (g.job ->> 'max_retries')::smallint end, 6),
    coalesce(g.job -> 'metadata', '{}'), g.problem, coalesce(g.job -> 'carrier_scheduling' = 'true', false)
  from given g;
$$;
comment on function private.parse_jobs(uuid, jsonb) is 'Producer JSON to columns, each row with the problem of its form if it has one';

create function private.is_repeated(p_organization_id uuid, p_content_key bytea, p_seconds integer) returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select 1 from private.accepted_contents c join public.message_jobs r on r.id = c.job_id
    where c.organization_id = p_organization_id and c.content_key = p_content_key
      and c.accepted_at > now() - make_interval(secs => p_seconds)
      and r.status not in ('cancelled', 'blocked', 'failed', 'dead')
  );
$$;
comment on function private.is_repeated(uuid, bytea, integer) is
  'True when the same content to the same person was accepted within so many seconds, and has not come to nothing';

create function private.carrier_window(p_provider text, out nearest interval, out farthest interval)
language sql immutable
set search_path = ''
as $$
  select interval '300 seconds', case p_provider when 'twilio' then interval '35 days' else interval '5 days' end;
$$;
comment on function private.carrier_window(text) is
  'How far ahead a carrier takes a message: more than the one and at most the other, as packages/providers has it';

create function private.carrier_problem(
  p_provider text, p_messaging_service_ref text, p_at timestamptz, p_allowed_from timestamptz
) returns text
language sql stable
set search_path = ''
as $$
  select case
    when p_provider = 'twilio' and p_messaging_service_ref is null
      then 'The carrier keeps messages only of numbers with a messaging service, and this one has none'
    when p_at <= now() + w.nearest or p_at > now() + w.farthest
      then format('The carrier keeps messages for more than 5 minutes and at most %s days', extract(day from w.farthest))
    when p_allowed_from > p_at then 'It is quiet hours then, and a message at the carrier does not wait for their end'
  end
  from private.carrier_window(p_provider) w;
$$;
comment on function private.carrier_problem(text, text, timestamptz, timestamptz) is
  'Why the carrier cannot be left to do the waiting, in words; null when it can. p_allowed_from: when the recipient''s hours are open from p_at on';

create function private.content_key(
  p_sender text, p_recipient text, p_body text, p_template_version_id uuid, p_values jsonb
) returns bytea
language sql stable
return sha256(convert_to(coalesce(p_sender, '') || ' ' || coalesce(p_recipient, '') || ' '
  || coalesce(p_body, p_template_version_id::text || p_values::text, ''), 'UTF8'));
comment on function private.content_key(text, text, text, uuid, jsonb) is
  'Hash of who is told what from which number: a text, or a wording of a template with what is filled in';

create function private.is_asked_again(
  p_job public.message_jobs, p_sender text, p_recipient text, p_body text, p_template text, p_variables jsonb
) returns boolean
language sql stable
set search_path = ''
as $$
  -- What the caller left to us was settled when the job was written: the wording the template had, the number that came first.
  select p_job.content_key = private.content_key(
    coalesce(p_sender, n.phone_number), p_recipient, p_body, w.id, w.given
  )
  from public.phone_numbers n
  left join lateral (
    select v.id, private.template_values(v, p_variables) as given
    from public.template_versions v join public.message_templates t on t.id = v.template_id
    where v.id = p_job.template_version_id and t.key = p_template
  ) w on true
  where n.id = p_job.phone_number_id;
$$;
comment on function private.is_asked_again(public.message_jobs, text, text, text, text, jsonb) is
  'True when a request means this job, although its template or our numbers may have changed since';

create function private.look_up_jobs(p_organization_id uuid, p_jobs jsonb)
returns table (
  place integer, recipient text, sender text, body text, template text, variables jsonb, message_class text,
  priority smallint, scheduled_for timestamptz, send_before timestamptz, idempotency_key text, dedupe_seconds integer,
  max_retries smallint, metadata jsonb, problem text, wants_carrier boolean,
  phone_number_id uuid, own_number text, provider text, messaging_service_ref text, template_version_id uuid,
  missing text[], content_key bytea, time_zone text, key_holder uuid, is_asked_again boolean, is_repeated boolean,
  is_textable boolean
)
language sql stable rows 1000
set search_path = ''
as $$
  with sent_from as materialized (
    select j.*, n.id as phone_number_id, n.phone_number as own_number, n.provider, n.messaging_service_ref,
      v.id as template_version_id,
      case when v.id is not null then private.missing_variables(v, j.variables) else '{}' end as missing,
      private.content_key(
        n.phone_number, j.recipient, j.body, v.id, case when v.id is not null then private.template_values(v, j.variables) end
      ) as content_key
    from private.parse_jobs(p_organization_id, p_jobs) j
    left join lateral (
      select s.id, s.phone_number, a.provider, s.messaging_service_ref from public.phone_numbers s
      join public.provider_accounts a on a.id = s.provider_account_id and a.status = 'active'
      where s.organization_id = p_organization_id and s.status = 'active' and s.released_at is null
        and (j.sender is null or s.phone_number = j.sender)
      order by s.created_at, s.id limit 1
    ) n on true
    -- A program knows the team's templates; a member's own of the same key are nobody else's.
    left join public.message_templates t on t.organization_id = p_organization_id and t.key = j.template
      and t.owner_id is null and t.archived_at is null
    left join public.template_versions v on v.id = t.current_version_id
  )
  select s.*, c.time_zone, k.id as key_holder, k.is_asked_again,
    s.dedupe_seconds > 0 and private.is_repeated(p_organization_id, s.content_key, s.dedupe_seconds) as is_repeated,
    coalesce(private.is_phone_number(s.recipient), false) as is_textable
  from sent_from s
  -- Limited, so that each is looked up by its key: joined, all rows of the organization would be read instead.
  left join lateral (
    select o.time_zone from public.contacts o
    where o.organization_id = p_organization_id and o.phone_number = s.recipient limit 1
  ) c on true
  left join lateral (
    select o.id, private.is_asked_again(o, s.sender, s.recipient, s.body, s.template, s.variables) as is_asked_again
    from public.message_jobs o
    where o.organization_id = p_organization_id and o.idempotency_key = s.idempotency_key limit 1
  ) k on true;
$$;
comment on function private.look_up_jobs(uuid, jsonb) is
  'Each job of a call with what is known already: our number, the template, the contact, and whoever holds its key or its content';

create function private.judge_jobs(p_organization_id uuid, p_jobs jsonb) returns setof private.draft
language sql stable rows 1000
set search_path = ''
as $$
  with known as materialized (
    select * from private.look_up_jobs(p_organization_id, p_jobs)
  ), asked as materialized (
    -- To the minute, so that a batch asks each question once.
    select array_agg(k.place order by k.place) as places, array_agg(k.recipient order by k.place) as recipients,
      array_agg(k.time_zone order by k.place) as time_zones, array_agg(k.message_class order by k.place) as classes,
      array_agg(date_trunc('minute', k.scheduled_for) order by k.place) as instants
    from known k where k.problem is null and k.is_textable
  ), hours as materialized (
    select a.places[w.place] as place, w.zones, w.found_by, w.allowed_from, w.allowed_until, w.decisive_zone, w.rule_version
    from asked a
    cross join lateral private.allowed_windows(p_organization_id, a.recipients, a.time_zones, a.classes, a.instants) w
  ), verdicts as materialized (
    select k.*, h.zones, h.found_by, h.allowed_from, h.allowed_until, h.decisive_zone, h.rule_version,
      greatest(k.scheduled_for, h.allowed_from) as due_at,
      case
        when k.problem is not null then 'TL002'
        when k.key_holder is not null and k.is_asked_again is not true then 'TL105'
        when k.key_holder is not null then 'duplicate'
        when k.phone_number_id is null then 'TL104'
        when not k.is_textable or k.recipient = k.own_number then 'TL102'
        when k.template is not null and k.template_version_id is null then 'TL110'
        when cardinality(k.missing) > 0 then 'TL111'
        when k.template is null and not private.has_words(k.body) then 'TL100'
        when k.template is null and private.utf16_length(k.body) > 1600 then 'TL101'
        when k.scheduled_for > now() + interval '366 days' then 'TL112'
        when private.is_opted_out(p_organization_id, k.recipient) then 'TL103'
        when k.is_repeated then 'TL113'
        when h.allowed_from is null or k.send_before <= greatest(k.scheduled_for, h.allowed_from) then 'TL112'
        when k.wants_carrier and private.carrier_problem(
          k.provider, k.messaging_service_ref, k.scheduled_for, h.allowed_from
        ) is not null then 'TL118'
      end as own_code
    from known k left join hours h on h.place = k.place
  ), siblings as (
    -- Within one call: only what would be accepted by itself can be the first of a key or of a content.
    select v.*,
      row_number() over same_key as key_place, first_value(v.content_key) over same_key as first_content,
      row_number() over (partition by v.content_key, v.own_code is null order by v.place) as content_place
    from verdicts v
    window same_key as (partition by v.idempotency_key, v.own_code is null order by v.place)
  ), answers as (
    select s.*, case
      when s.own_code is not null then s.own_code
      when s.idempotency_key is not null and s.key_place > 1 and s.first_content <> s.content_key then 'TL105'
      when s.idempotency_key is not null and s.key_place > 1 then 'duplicate'
      when s.dedupe_seconds > 0 and s.content_place > 1 then 'TL113'
    end as code
    from siblings s
  )
  select v.place, coalesce(v.key_holder, private.uuid_v7()), v.recipient, v.phone_number_id, v.time_zone, v.body,
    v.template_version_id, case when v.template is not null then v.variables end,
    coalesce(private.count_segments(v.body), 1::smallint), v.message_class, v.priority, v.scheduled_for,
    case when v.wants_carrier then now() else v.due_at end, v.send_before, v.allowed_until,
    private.window_decision(v.zones, v.found_by, v.decisive_zone, v.rule_version, v.allowed_from, v.allowed_until),
    v.idempotency_key, v.content_key, v.dedupe_seconds, v.max_retries, v.metadata,
    case when v.code is null then 'accepted' when v.code = 'duplicate' then 'duplicate' else 'refused' end, nullif(v.code, 'duplicate'),
    case v.code
      when 'TL002' then v.problem
      when 'TL111' then 'The template needs ' || array_to_string(v.missing, ', ')
      when 'TL118' then private.carrier_problem(v.provider, v.messaging_service_ref, v.scheduled_for, v.allowed_from)
      else private.words_of(v.code)
    end,
    case when v.code = 'TL111' then jsonb_build_object('names', to_jsonb(v.missing)) end, case when v.wants_carrier then v.scheduled_for end
  from answers v order by v.place;
$$;
comment on function private.judge_jobs(uuid, jsonb) is
  'Each job of a call with its verdict; nothing is written. One query for the whole call, so that a batch costs little more than its rows';
