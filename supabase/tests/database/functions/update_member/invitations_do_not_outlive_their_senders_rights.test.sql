begin;
select plan(5);
select tests.build_world();

update public.members set role = 'owner' where user_id = tests.id('second agent');
create function pg_temp.invite(p_who text, p_email text, p_role text) returns text language sql as $$
  select tests.value_as(p_who, format('select token from public.invite_member(%L, %L, %L)', tests.id('acme'), p_email, p_role));
$$;
create function pg_temp.update_member(p_who text, p_rest text) returns text language sql as $$
  select tests.try_as('owner', format('select public.update_member(%L, %L, ' || p_rest || ')', tests.id('acme'), tests.id(p_who)));
$$;
create function pg_temp.open_invitations(p_who text) returns text language sql as $$
  select coalesce(string_agg(i.email, ' ' order by i.email), '') from public.invitations i
  where i.invited_by = tests.id(p_who) and i.revoked_at is null and i.accepted_at is null;
$$;
create temp table tokens as
  select pg_temp.invite('second agent', 'a@x.test', 'agent') as a, pg_temp.invite('second agent', 'o@x.test', 'owner') as o,
    pg_temp.invite('admin', 'b@x.test', 'agent') as b;

select is(pg_temp.update_member('second agent', 'p_display_name => ''New'''), '1 rows', 'a new name changes nothing');
select is(pg_temp.open_invitations('second agent'), 'a@x.test o@x.test', 'both are open');
select pg_temp.update_member('second agent', 'p_role => ''admin''') as done into temp table demoted;
select is(pg_temp.open_invitations('second agent'), 'a@x.test', 'an admin''s offer of ownership falls away');
select pg_temp.update_member('second agent', 'p_status => ''suspended''') as done into temp table suspended;
select is(pg_temp.open_invitations('second agent'), '', 'a suspended member''s offers all do');
select is(pg_temp.open_invitations('admin'), 'b@x.test', 'those of others stay');

select * from finish();
rollback;
