begin;
select plan(2);
select tests.build_world();

create temp table job as select tests.enqueued_id('{"metadata": {"order": 7}}') as id;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id from tests.claim() c;
select tests.accept(id, 'SM1') as done into temp table done from claimed;

create function pg_temp.fail_again(p_n integer) returns text language plpgsql as $$
begin
  perform tests.report(jsonb_build_object('provider_message_id', 'SM' || p_n, 'status', 'failed', 'retry', '{"after_seconds": 60, "times": 2}'::jsonb));
  perform tests.make_due(j.id) from public.message_jobs j where j.status = 'scheduled';
  return (select tests.accept((c ->> 'attempt_id')::uuid, 'SM' || (p_n + 1)) from tests.claim() c);
end;
$$;
select is((select string_agg(coalesce(pg_temp.fail_again(n), 'none'), ' ' order by n) from generate_series(1, 3) n), '1 1 none', 'twice');
select is((select count(*)::integer from public.message_jobs where metadata ->> 'retry_of' is not null), 2, 'two jobs in a row');

select * from finish();
rollback;
