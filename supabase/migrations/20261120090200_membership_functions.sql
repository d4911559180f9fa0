-- Everything that changes organizations, members and invitations.
-- The public functions are thin: they run as the caller and only lead to the private ones.

create function private.current_email() returns text
language sql stable
security definer -- auth.users is not readable by the caller
set search_path = ''
as $$
  select lower(u.email) from auth.users u where u.id = (select auth.uid()) and u.email_confirmed_at is not null;
$$;
comment on function private.current_email() is
  'Verified e-mail address of the caller; null for anyone who only claims one, since an address is what invitations trust';

create function private.new_slug(p_name text) returns text
language plpgsql volatile
set search_path = ''
as $$
declare
  v_base text := btrim(left(regexp_replace(lower(p_name), '[^a-z0-9]+', '-', 'g'), 40), '-');
  v_slug text;
begin
  v_base := coalesce(nullif(v_base, ''), 'organization');
  v_slug := v_base;
  while exists (select 1 from public.organizations o where o.slug = v_slug) loop
    v_slug := v_base || '-' || substring(replace(gen_random_uuid()::text, '-', '') from 1 for 6);
  end loop;
  return v_slug;
end;
$$;
comment on function private.new_slug(text) is 'A free URL name for an organization';

create function private.create_organization(p_name text, p_time_zone text) returns uuid
language plpgsql volatile
security definer -- members has no write grant: the first owner can only appear here
set search_path = ''
as $$
declare
  v_user uuid := (select auth.uid());
  v_email text := private.current_email();
  v_id uuid;
begin
  if v_user is null or v_email is null then
    raise exception using errcode = 'TL001', message = 'Sign in and confirm your e-mail address first';
  end if;
  if p_name is null or char_length(btrim(p_name)) not between 1 and 120 then
    raise exception using errcode = 'TL002', message = 'An organization needs a name of 1 to 120 characters';
  end if;
  insert into public.organizations (name, slug, time_zone)
  values (btrim(p_name), private.new_slug(p_name), coalesce(p_time_zone, 'America/New_York'))
  returning id into v_id;
  insert into public.members (organization_id, user_id, role, display_name, email)
  values (v_id, v_user, 'owner', left(split_part(v_email, '@', 1), 80), v_email);
  perform private.write_audit(v_id, 'organization_created', 'organization', v_id::text);
  return v_id;
end;
$$;
comment on function private.create_organization(text, text) is 'Makes an organization with the caller as owner';

create function public.create_organization(p_name text, p_time_zone text default 'America/New_York') returns uuid
language sql volatile
set search_path = ''
as $$ select private.create_organization(p_name, p_time_zone); $$;
comment on function public.create_organization(text, text) is
  'Makes an organization with the caller as its owner; returns its id. Errors: TL001 not signed in, TL002 name or time zone';

create function private.lock_membership(p_organization_id uuid) returns void
language sql volatile
set search_path = ''
as $$
  select 1 from public.organizations o where o.id = p_organization_id for no key update;
$$;
comment on function private.lock_membership(uuid) is
  'One change of membership at a time: two owners cannot remove each other, and no invitation outlives its sender''s rights';

create function private.invite_member(p_organization_id uuid, p_email text, p_role text)
returns table (invitation_id uuid, token text, expires_at timestamptz)
language plpgsql volatile
security definer -- the token is made and hashed where no client can reach
set search_path = ''
as $$
declare
  v_email text := lower(btrim(p_email));
  v_token text := encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'hex');
  v_id uuid;
  v_expires_at timestamptz := now() + interval '7 days';
begin
  perform private.require_admin(p_organization_id);
  perform private.lock_membership(p_organization_id);
  -- Again, now that nobody can suspend the caller any more.
  perform private.require_admin(p_organization_id);
  if v_email is null or v_email !~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$' then
    raise exception using errcode = 'TL002', message = 'That is not an e-mail address';
  end if;
  if p_role is null or p_role not in ('owner', 'admin', 'agent') then
    raise exception using errcode = 'TL002', message = 'The role must be owner, admin or agent';
  end if;
  if p_role = 'owner' and not private.is_owner(p_organization_id) then
    raise exception using errcode = 'TL001', message = 'Only an owner may invite another owner';
  end if;
  if exists (select 1 from public.members m where m.organization_id = p_organization_id and lower(m.email) = v_email) then
    raise exception using errcode = 'TL203', message = 'This person is already a member';
  end if;
  update public.invitations i set revoked_at = now()
  where i.organization_id = p_organization_id and i.email = v_email and i.accepted_at is null and i.revoked_at is null;
  insert into public.invitations (organization_id, email, role, token_hash, invited_by, expires_at)
  values (p_organization_id, v_email, p_role, sha256(convert_to(v_token, 'UTF8')), (select auth.uid()), v_expires_at)
  returning id into v_id;
  perform private.write_audit(p_organization_id, 'member_invited', 'invitation', v_id::text, jsonb_build_object('role', p_role));
  return query select v_id, v_token, v_expires_at;
end;
$$;
comment on function private.invite_member(uuid, text, text) is 'Offers membership to an e-mail address; an older open offer to it is withdrawn';

create function private.is_owner(p_organization_id uuid) returns boolean
language sql stable
security definer -- members is guarded by policies that know nothing of owners
set search_path = ''
as $$
  select exists (
    select 1 from public.members m
    where m.organization_id = p_organization_id and m.user_id = (select auth.uid())
      and m.status = 'active' and m.role = 'owner'
  );
$$;
comment on function private.is_owner(uuid) is 'True when the caller is an active owner';

create function public.invite_member(p_organization_id uuid, p_email text, p_role text)
returns table (invitation_id uuid, token text, expires_at timestamptz)
language sql volatile
set search_path = ''
as $$ select * from private.invite_member(p_organization_id, p_email, p_role); $$;
comment on function public.invite_member(uuid, text, text) is
  'Invites an e-mail address; the token is shown once and expires after 7 days. Errors: TL001, TL002, TL203';

create function private.revoke_invitation(p_invitation_id uuid) returns void
language plpgsql volatile
security definer -- invitations has no write grant
set search_path = ''
as $$
declare
  v_organization_id uuid;
begin
  select i.organization_id into v_organization_id from public.invitations i where i.id = p_invitation_id;
  perform private.require_admin(v_organization_id);
  update public.invitations i set revoked_at = now()
  where i.id = p_invitation_id and i.accepted_at is null and i.revoked_at is null;
  if found then
    perform private.write_audit(v_organization_id, 'invitation_revoked', 'invitation', p_invitation_id::text);
  end if;
end;
$$;
comment on function private.revoke_invitation(uuid) is 'Withdraws an invitation that nobody has accepted';

create function public.revoke_invitation(p_invitation_id uuid) returns void
language sql volatile
set search_path = ''
as $$ select private.revoke_invitation(p_invitation_id); $$;
comment on function public.revoke_invitation(uuid) is 'Withdraws an open invitation. Errors: TL001';

create function private.accept_invitation(p_token text, p_display_name text) returns uuid
language plpgsql volatile
security definer -- the new member holds no rights yet
set search_path = ''
as $$
declare
  v_user uuid := (select auth.uid());
  v_email text := private.current_email();
  v_invitation public.invitations;
begin
  select i.* into v_invitation from public.invitations i
  where i.token_hash = sha256(convert_to(coalesce(p_token, ''), 'UTF8')) for update;
  if v_user is null or v_invitation.id is null or v_invitation.revoked_at is not null then
    raise exception using errcode = 'TL200', message = 'This invitation is not valid';
  end if;
  if v_invitation.accepted_by = v_user then
    return v_invitation.organization_id;
  end if;
  if v_invitation.accepted_at is not null then
    raise exception using errcode = 'TL200', message = 'This invitation was already used';
  end if;
  if v_invitation.expires_at <= now() then
    raise exception using errcode = 'TL201', message = 'This invitation has expired; ask for a new one';
  end if;
  if v_invitation.email is distinct from v_email then
    raise exception using errcode = 'TL202', message = 'This invitation was sent to another e-mail address';
  end if;
  if exists (
    select 1 from public.members m
    where m.organization_id = v_invitation.organization_id and m.user_id = v_user and m.status = 'suspended'
  ) then
    raise exception using errcode = 'TL205', message = 'Your membership of this organization is suspended';
  end if;
  insert into public.members (organization_id, user_id, role, display_name, email)
  values (v_invitation.organization_id, v_user, v_invitation.role,
    coalesce(nullif(left(btrim(p_display_name), 80), ''), left(split_part(v_email, '@', 1), 80)), v_email)
  on conflict (organization_id, user_id) do nothing;
  update public.invitations i set accepted_at = now(), accepted_by = v_user where i.id = v_invitation.id;
  perform private.write_audit(v_invitation.organization_id, 'invitation_accepted', 'invitation', v_invitation.id::text);
  return v_invitation.organization_id;
end;
$$;
comment on function private.accept_invitation(text, text) is 'Turns an invitation into membership of the caller';

create function public.accept_invitation(p_token text, p_display_name text default null) returns uuid
language sql volatile
set search_path = ''
as $$ select private.accept_invitation(p_token, p_display_name); $$;
comment on function public.accept_invitation(text, text) is
  'Joins the organization that sent the invitation; returns its id. Errors: TL200 invalid, TL201 expired, TL202 other address, TL205 suspended';

create function private.revoke_invitations_beyond(p_organization_id uuid, p_user_id uuid) returns void
language sql volatile
set search_path = ''
as $$
  update public.invitations i set revoked_at = now()
  from public.members m
  where m.organization_id = p_organization_id and m.user_id = p_user_id
    and i.organization_id = p_organization_id and i.invited_by = p_user_id
    and i.accepted_at is null and i.revoked_at is null
    and (m.status <> 'active' or m.role = 'agent' or (i.role = 'owner' and m.role <> 'owner'));
$$;
comment on function private.revoke_invitations_beyond(uuid, uuid) is
  'Withdraws the open invitations of a member that this member could not make any more';

create function private.update_member(
  p_organization_id uuid, p_user_id uuid, p_role text, p_status text, p_display_name text
) returns void
language plpgsql volatile
security definer -- members has no write grant
set search_path = ''
as $$
declare
  v_member public.members;
begin
  if p_organization_id is null or p_organization_id not in (select private.my_organization_ids()) then
    raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
  end if;
  perform private.lock_membership(p_organization_id);
  select m.* into v_member from public.members m
  where m.organization_id = p_organization_id and m.user_id = p_user_id for no key update;
  if p_user_id = (select auth.uid()) and p_role is null and p_status is null
    and v_member.status = 'active' then
    null; -- everyone may change their own name
  else
    perform private.require_admin(p_organization_id);
  end if;
  if v_member.user_id is null then
    raise exception using errcode = 'TL001', message = 'You are not permitted to do this';
  end if;
  if coalesce(p_role, v_member.role) not in ('owner', 'admin', 'agent')
    or coalesce(p_status, v_member.status) not in ('active', 'suspended') then
    raise exception using errcode = 'TL002', message = 'Unknown role or status';
  end if;
  if 'owner' in (v_member.role, p_role) and (p_role is not null or p_status is not null)
    and not private.is_owner(p_organization_id) then
    raise exception using errcode = 'TL001', message = 'Only an owner may change an owner';
  end if;
  update public.members m set role = coalesce(p_role, m.role), status = coalesce(p_status, m.status),
    display_name = coalesce(nullif(left(btrim(p_display_name), 80), ''), m.display_name)
  where m.organization_id = p_organization_id and m.user_id = p_user_id;
  if not exists (
    select 1 from public.members m
    where m.organization_id = p_organization_id and m.role = 'owner' and m.status = 'active'
  ) then
    raise exception using errcode = 'TL204', message = 'An organization needs at least one active owner';
  end if;
  perform private.revoke_invitations_beyond(p_organization_id, p_user_id);
  perform private.write_audit(p_organization_id, 'member_updated', 'member', p_user_id::text,
    jsonb_strip_nulls(jsonb_build_object('role', p_role, 'status', p_status)));
end;
$$;
comment on function private.update_member(uuid, uuid, text, text, text) is 'Changes role, status or name of a member';

create function public.update_member(
  p_organization_id uuid, p_user_id uuid, p_role text default null, p_status text default null,
  p_display_name text default null
) returns void
language sql volatile
set search_path = ''
as $$ select private.update_member(p_organization_id, p_user_id, p_role, p_status, p_display_name); $$;
comment on function public.update_member(uuid, uuid, text, text, text) is
  'Changes a member; what is null stays. Errors: TL001, TL002, TL204 last owner';

grant execute on function
  private.create_organization(text, text), private.invite_member(uuid, text, text), private.revoke_invitation(uuid),
  private.accept_invitation(text, text), private.update_member(uuid, uuid, text, text, text),
  public.create_organization(text, text), public.invite_member(uuid, text, text), public.revoke_invitation(uuid),
  public.accept_invitation(text, text), public.update_member(uuid, uuid, text, text, text)
to authenticated;
