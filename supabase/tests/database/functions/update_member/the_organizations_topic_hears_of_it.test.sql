begin;
select plan(3);
select tests.build_world();

select tests.try_as('owner', format('select public.update_member(%L, %L, p_display_name => ''Andrea'')', tests.id('acme'), tests.id('agent'))) as r into temp table renamed;
select is_empty($$ select tests.broadcasts('membership_changed') $$, 'a name is nobody''s business');
select tests.try_as('owner', format('select public.update_member(%L, %L, p_status => ''suspended'')', tests.id('acme'), tests.id('agent'))) as r into temp table suspended;
select results_eq($$ select b - 'id' - 'xid' from tests.broadcasts('membership_changed') b $$, $$ values (jsonb_build_object('user_id', tests.id('agent'))) $$, 'whose, and no more');
delete from public.members where organization_id = tests.id('acme') and user_id = tests.id('second agent');
select is((select count(*)::integer from tests.broadcasts('membership_changed')), 2, 'to be taken out is a change too');

select * from finish();
rollback;
