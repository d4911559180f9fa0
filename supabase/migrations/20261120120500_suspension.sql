-- A member who is suspended learns of it at once, in words.

create function private.announce_membership() returns trigger
language plpgsql
security definer -- see announce_new_messages
set search_path = ''
as $$
begin
  perform private.announce(
    jsonb_build_object('user_id', old.user_id), 'membership_changed', private.inbox_topic(old.organization_id)
  );
  return null;
end;
$$;
comment on function private.announce_membership() is
  'Tells the inbox topic whose membership changed; what it is now, each asks under their own rights';

create trigger members_announce after update of role, status on public.members
  for each row when ((old.role, old.status) is distinct from (new.role, new.status))
  execute function private.announce_membership();
create trigger members_announce_removal after delete on public.members
  for each row execute function private.announce_membership();

create function private.my_suspensions() returns table (id uuid, name text, slug text)
language sql stable
security definer -- a suspended member may read nothing, not even that
set search_path = ''
as $$
  select o.id, o.name, o.slug from public.members m
  join public.organizations o on o.id = m.organization_id
  where m.user_id = (select auth.uid()) and m.status = 'suspended';
$$;
comment on function private.my_suspensions() is 'Organizations in which the caller is a suspended member';

create function public.my_suspensions() returns table (id uuid, name text, slug text)
language sql stable
set search_path = ''
as $$ select * from private.my_suspensions(); $$;
comment on function public.my_suspensions() is
  'Organizations that have suspended the caller: what to say to somebody who finds nothing any more';

grant execute on function private.my_suspensions(), public.my_suspensions() to authenticated;
