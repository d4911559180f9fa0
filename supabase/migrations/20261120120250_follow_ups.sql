-- A carrier that took a message and then reports why it did not arrive: some reasons pass, and then it may go once more.

create function private.follow_report(p_job_id uuid, p_status text, p_retry jsonb) returns uuid
language plpgsql volatile
set search_path = ''
as $$
declare
  v_job public.message_jobs;
  v_again_at timestamptz;
  v_tries integer;
  v_result jsonb;
begin
  if coalesce(jsonb_typeof(p_retry), '') <> 'object' or coalesce(p_status, '') not in ('failed', 'undelivered') then
    return null;
  end if;
  select j.* into v_job from public.message_jobs j where j.id = p_job_id;
  -- Metadata is the producer's, who may have put anything there.
  v_tries := coalesce((v_job.decision ->> 'report_retries')::integer, 0);
  v_again_at := now() + make_interval(secs => (p_retry ->> 'after_seconds')::integer);
  -- Something else was known already; or often enough; or part of a conversation that has gone on without it.
  if v_job.status <> p_status or v_tries >= (p_retry ->> 'times')::integer or v_job.body is null
    or (v_job.message_class = 'conversational' and v_again_at > v_job.created_at + interval '1 hour') then
    return null;
  end if;
  v_result := private.enqueue_again(v_job, 'report:' || v_job.id, v_again_at, jsonb_build_object('retry_of', v_job.id));
  if v_result ->> 'outcome' <> 'accepted' then
    return null;
  end if;
  update public.message_jobs j set decision = j.decision || jsonb_build_object('report_retries', v_tries + 1)
  where j.id = (v_result ->> 'job_id')::uuid;
  update public.message_jobs j
  set error_details = coalesce(j.error_details, '{}') || jsonb_build_object('sent_again_as', v_result ->> 'job_id')
  where j.id = p_job_id;
  return (v_result ->> 'job_id')::uuid;
end;
$$;
comment on function private.follow_report(uuid, text, jsonb) is
  'After a report with {after_seconds, times}: a new job with a new message, at most so many times in a row and never to somebody who opted out; null when there is none';

create function private.enqueue_again(
  p_job public.message_jobs, p_idempotency_key text, p_scheduled_for timestamptz, p_metadata jsonb
) returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.enqueue_jobs(p_job.organization_id, jsonb_build_array(jsonb_build_object(
    'to', p_job.recipient, 'from', n.phone_number, 'body', p_job.body, 'class', p_job.message_class,
    'priority', p_job.priority::text, 'scheduled_for', p_scheduled_for, 'send_before', p_job.send_before,
    'max_retries', p_job.max_retries::text, 'idempotency_key', p_idempotency_key, 'dedupe_window_seconds', 0,
    'metadata', p_job.metadata || p_metadata
  ))) -> 0
  from public.phone_numbers n where n.id = p_job.phone_number_id;
$$;
comment on function private.enqueue_again(public.message_jobs, text, timestamptz, jsonb) is
  'A new job with the words of an older one, once per key; its producer finds the older one in the metadata';
