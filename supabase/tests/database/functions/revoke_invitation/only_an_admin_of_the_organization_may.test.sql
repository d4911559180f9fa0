begin;
select plan(7);
select tests.build_world();

create temp table offer as select i.id from public.invitations i where i.organization_id = tests.id('acme');

select is(tests.try_as(who, format('select public.revoke_invitation(%L)', (select id from offer))), 'TL001', 'refused: ' || who)
from unnest(tests.outsiders() || array['agent']) who;
select is(tests.try_as('admin', format('select public.revoke_invitation(%L)', tests.id('nothing'))), 'TL001', 'what does not exist is refused alike');
select is(tests.try_as('admin', format('select public.revoke_invitation(%L)', (select id from offer))), '1 rows', 'an admin may');

select * from finish();
rollback;
