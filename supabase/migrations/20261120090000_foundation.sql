-- Schemas by audience, the worker's role, and the small functions every later file leans on.

create extension if not exists pgmq;

create schema if not exists private;
create schema if not exists worker;

comment on schema private is 'Policy functions and plumbing; never exposed through the API';
comment on schema worker is 'Functions for the worker''s database role and for nobody else';

-- The password is set by the operator (docs/operations.md): a secret has no place in a migration.
do $$
begin
  if not exists (select 1 from pg_catalog.pg_roles where rolname = 'threadline_worker') then
    create role threadline_worker nologin noinherit;
  end if;
end;
$$;

-- Nothing is reachable unless a later line grants it, also where a project still has the generous old defaults.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;

revoke all on schema private from public;
revoke all on schema worker from public;
revoke all on schema pgmq from public;
revoke create on schema public from public;

grant usage on schema public to anon, authenticated, service_role;
grant usage on schema private to authenticated, service_role;
grant usage on schema worker to threadline_worker;

create function private.uuid_v7() returns uuid
language sql volatile
return encode(
  set_bit(
    set_bit(
      overlay(
        uuid_send(gen_random_uuid())
        placing substring(int8send((date_part('epoch', clock_timestamp()) * 1000)::bigint) from 3)
        from 1 for 6
      ),
      52, 1
    ),
    53, 1
  ),
  'hex'
)::uuid;
comment on function private.uuid_v7() is
  'Time-ordered UUID (RFC 9562, version 7): inserts stay at the right edge of the index';
grant execute on function private.uuid_v7() to authenticated, service_role;

create function private.is_phone_number(p_text text) returns boolean
language sql immutable
return p_text ~ '^\+([2-9][0-9]{6,14}|1[2-9][0-9]{2}[2-9][0-9]{6})$';
comment on function private.is_phone_number(text) is
  'True for E.164 numbers that can exist: 7 to 15 digits (ITU-T E.164), and for +1 an area code and exchange that begin with 2 to 9 (NANP)';
grant execute on function private.is_phone_number(text) to authenticated, service_role;

create function private.utf16_length(p_text text) returns integer
language sql immutable
-- Plain ASCII, as most texts are, needs no second look.
return char_length(p_text) + case
  when octet_length(p_text) = char_length(p_text) then 0
  else char_length(regexp_replace(p_text, '[^\U00010000-\U0010FFFF]', '', 'g'))
end;
comment on function private.utf16_length(text) is
  'Length in UTF-16 units, the way carriers and browsers count';

create function private.count_segments(p_body text) returns smallint
language plpgsql immutable
set search_path = ''
as $$
declare
  -- 3GPP TS 23.038: the basic table, then the extension table whose characters take two septets.
  c_basic constant text := '@£$¥èéùìòÇ' || chr(10) || 'Øø' || chr(13) || 'ÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&''()*+,-./0123456789:;<=>?'
    || '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
  c_extension constant text := chr(12) || '^{}\[~]|€';
  v_rest text;
  v_units integer;
begin
  -- Most texts are of ASCII letters, which the basic table has; the long way costs ten times as much.
  if p_body ~ '^[\n\r !-Z_a-z]*$' then
    v_units := char_length(p_body);
    return case when v_units = 0 then 0 when v_units <= 160 then 1 else ceil(v_units / 153.0) end;
  end if;
  v_rest := translate(p_body, c_basic, '');
  if translate(v_rest, c_extension, '') = '' then
    v_units := char_length(p_body) + char_length(v_rest);
    return case when v_units = 0 then 0 when v_units <= 160 then 1 else ceil(v_units / 153.0) end;
  end if;
  v_units := private.utf16_length(p_body);
  return case when v_units <= 70 then 1 else ceil(v_units / 67.0) end;
end;
$$;
comment on function private.count_segments(text) is
  'Estimated SMS segments: 160/153 septets in GSM-7, 70/67 units in UCS-2. The carrier''s own count replaces it when known';

create function private.touch_row() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;
comment on function private.touch_row() is 'Keeps updated_at true';

create function private.stamp_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.change_xid := pg_current_xact_id();
  -- Not now(): who began first may come last, having waited for the row, and the newest state must look the newest. A
  -- millisecond apart, since that is all a browser's clock can tell.
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 millisecond');
  return new;
end;
$$;
comment on function private.stamp_change() is
  'Marks a row with the transaction that changed it, so a reader can ask for everything since a snapshot and miss nothing that commits late; of two states of a row the later has the later updated_at';
