begin;
select plan(6);
-- As in a session that began before there was anything to know about the tables.
set local plan_cache_mode = force_generic_plan;

create function pg_temp.index_of(p_table text) returns text
language plpgsql
as $$
declare
  v_plan jsonb;
begin
  execute format('prepare look_up(uuid, uuid) as select 1 from only public.%I x where organization_id = $1 and id = $2', p_table);
  execute 'explain (format json) execute look_up(null, null)' into v_plan;
  deallocate look_up;
  return v_plan #>> '{0,Plan,Index Name}';
end;
$$;

select is(pg_temp.index_of(t.name), t.name || '_organization_id_id_key', t.name || ': never by reading the rows of an organization')
from unnest(array['messages', 'message_jobs', 'threads', 'contacts', 'provider_accounts', 'phone_numbers']) as t (name);

select * from finish();
rollback;
