begin;
select plan(2);
select tests.build_world();

create function pg_temp.page(p_who text, p_rest text default '') returns jsonb language sql as $$
  select tests.value_as(p_who, format('select public.inbox_page(%L' || p_rest || ')', tests.id('acme')))::jsonb;
$$;

insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source) values (tests.id('rival'), '+13125550142', true, 'member');
select is(pg_temp.page('agent') #>> '{threads,0,opted_out}', 'false', 'not another organization''s');
insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source) values (tests.id('acme'), '+13125550142', true, 'member');
select is(pg_temp.page('agent') #>> '{threads,0,opted_out}', 'true', 'our own');

select * from finish();
rollback;
