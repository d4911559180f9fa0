-- Keys for programs that enqueue over HTTP, and how fast each may.

create table public.api_keys (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null check (char_length(btrim(name)) between 1 and 80),
  key_prefix text not null,
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  rate_per_second numeric not null default 100 check (rate_per_second > 0),
  burst integer not null default 2000 check (burst >= 1000),
  created_by uuid,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_keys_organization_id_idx on public.api_keys (organization_id, created_at desc);
comment on table public.api_keys is 'Keys of programs; of the key itself only a SHA-256 is kept';
comment on column public.api_keys.key_prefix is 'The beginning of the key, for people to tell one from another';
comment on column public.api_keys.rate_per_second is 'Messages a second on the long run; any other request counts as one';
comment on column public.api_keys.burst is 'Messages at once after a pause; at least one whole list';
comment on column public.api_keys.created_by is 'auth.users id without a foreign key: the record outlives the account';
comment on column public.api_keys.last_used_at is 'True to the minute';

create table private.api_key_rates (
  api_key_id uuid primary key references public.api_keys (id) on delete cascade,
  free_at timestamptz not null
) with (fillfactor = 50);
comment on table private.api_key_rates is 'How far each key has spent its rate; apart from the keys, because it changes with every request';
comment on column private.api_key_rates.free_at is
  'When all that was taken would be paid off at the key''s rate (the theoretical arrival time of ITU-T I.371, GCRA)';

alter table public.api_keys enable row level security;
create policy api_keys_select on public.api_keys for select to authenticated
  using (organization_id in (select private.my_admin_organization_ids()));
-- The hash stays out of reach, so the readable columns are listed.
grant select (
  id, organization_id, name, key_prefix, rate_per_second, burst, created_by, created_at, last_used_at, revoked_at
) on public.api_keys to authenticated, service_role;

create function private.random_base62(p_length integer) returns text
language sql volatile
set search_path = ''
as $$
  select string_agg(substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', r.byte % 62 + 1, 1), '')
  from (
    select get_byte(u.bytes, i) as byte
    from (select uuid_send(gen_random_uuid()) as bytes from generate_series(1, p_length / 4 + 1)) u
    cross join generate_series(0, 15) i
    -- Bytes 6 and 8 of a UUID are not all chance; above 247 some letters would come more often.
    where i not in (6, 8) and get_byte(u.bytes, i) < 248
    limit p_length
  ) r;
$$;
comment on function private.random_base62(integer) is 'Letters and digits from the system''s secure source, each as likely as any other';

create function private.create_api_key(p_organization_id uuid, p_name text) returns table (api_key_id uuid, api_key text)
language plpgsql volatile
security definer -- the key is made and hashed where no client can reach
set search_path = ''
as $$
declare
  v_id uuid;
  v_key constant text := 'tl_live_' || private.random_base62(32);
begin
  perform private.require_admin(p_organization_id);
  if p_name is null or char_length(btrim(p_name)) not between 1 and 80 then
    raise exception using errcode = 'TL002', message = 'A key needs a name of 1 to 80 characters';
  end if;
  insert into public.api_keys (organization_id, name, key_prefix, key_hash, created_by)
  values (p_organization_id, btrim(p_name), left(v_key, 12), sha256(convert_to(v_key, 'UTF8')), (select auth.uid()))
  returning id into v_id;
  perform private.write_audit(p_organization_id, 'api_key_created', 'api_key', v_id::text,
    jsonb_build_object('name', btrim(p_name)));
  return query select v_id, v_key;
end;
$$;
comment on function private.create_api_key(uuid, text) is 'Makes a key for a program';

create function public.create_api_key(p_organization_id uuid, p_name text) returns table (api_key_id uuid, api_key text)
language sql volatile
set search_path = ''
as $$ select * from private.create_api_key(p_organization_id, p_name); $$;
comment on function public.create_api_key(uuid, text) is
  'Makes a key for a program; it is shown this once. Errors: TL001, TL002 name';

create function private.revoke_api_key(p_api_key_id uuid) returns void
language plpgsql volatile
security definer -- api_keys has no write grant
set search_path = ''
as $$
declare
  v_organization_id uuid;
begin
  select k.organization_id into v_organization_id from public.api_keys k where k.id = p_api_key_id;
  perform private.require_admin(v_organization_id);
  update public.api_keys k set revoked_at = now() where k.id = p_api_key_id and k.revoked_at is null;
  if found then
    perform private.write_audit(v_organization_id, 'api_key_revoked', 'api_key', p_api_key_id::text);
  end if;
end;
$$;
comment on function private.revoke_api_key(uuid) is 'Ends a key at once';

create function public.revoke_api_key(p_api_key_id uuid) returns void
language sql volatile
set search_path = ''
as $$ select private.revoke_api_key(p_api_key_id); $$;
comment on function public.revoke_api_key(uuid) is 'Ends a key at once; what it enqueued stays. Errors: TL001';

create function private.spend_rate(p_api_key public.api_keys, p_cost integer) returns numeric
language plpgsql volatile
set search_path = ''
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_cost constant interval := make_interval(secs => p_cost / p_api_key.rate_per_second::double precision);
  v_most constant interval := make_interval(secs => p_api_key.burst / p_api_key.rate_per_second::double precision);
  v_free_at timestamptz;
begin
  insert into private.api_key_rates as r (api_key_id, free_at) values (p_api_key.id, v_now + v_cost)
  on conflict (api_key_id) do update set free_at = greatest(r.free_at, v_now) + v_cost
  where greatest(r.free_at, v_now) + v_cost <= v_now + v_most;
  if found then
    return null;
  end if;
  select r.free_at into v_free_at from private.api_key_rates r where r.api_key_id = p_api_key.id;
  return round(greatest(extract(epoch from v_free_at + v_cost - v_most - v_now), 0.001), 3);
end;
$$;
comment on function private.spend_rate(public.api_keys, integer) is
  'Takes p_cost from a key''s rate (GCRA): null when it was there, else nothing is taken and these seconds have to pass';

create function private.authenticate_api_key(p_api_key_sha256 text, p_cost integer) returns jsonb
language plpgsql volatile
security definer -- hashes and rates are in nobody's reach
set search_path = ''
as $$
declare
  v_key public.api_keys;
begin
  if p_api_key_sha256 is null or p_api_key_sha256 !~ '^[0-9a-f]{64}$' then
    return null;
  end if;
  select k.* into v_key from public.api_keys k
  where k.key_hash = decode(p_api_key_sha256, 'hex') and k.revoked_at is null;
  if v_key.id is null then
    return null;
  end if;
  if p_cost is null or p_cost not between 0 and v_key.burst then
    raise exception using errcode = 'TL002', message = 'This asks for more at once than the key may ever take';
  end if;
  -- To the minute is enough for people, and spares the row.
  update public.api_keys k set last_used_at = now()
  where k.id = v_key.id and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute');
  return jsonb_build_object(
    'organization_id', v_key.organization_id, 'api_key_id', v_key.id,
    'retry_after_seconds', private.spend_rate(v_key, p_cost)
  );
end;
$$;
comment on function private.authenticate_api_key(text, integer) is 'Who a key belongs to, charging its rate';

create function public.authenticate_api_key(p_api_key_sha256 text, p_cost integer default 1) returns jsonb
language sql volatile
set search_path = ''
as $$ select private.authenticate_api_key(p_api_key_sha256, p_cost); $$;
comment on function public.authenticate_api_key(text, integer) is
  'For the messages endpoint: {organization_id, api_key_id, retry_after_seconds} of the key with this SHA-256 (hex), null when there is none. p_cost messages are taken from its rate, unless retry_after_seconds says to come again';

grant execute on function
  private.create_api_key(uuid, text), public.create_api_key(uuid, text),
  private.revoke_api_key(uuid), public.revoke_api_key(uuid)
to authenticated;
grant execute on function private.authenticate_api_key(text, integer), public.authenticate_api_key(text, integer)
to service_role;
