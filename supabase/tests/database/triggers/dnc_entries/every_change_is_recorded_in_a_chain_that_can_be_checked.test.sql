begin;
select plan(6);
select tests.build_world();

insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source, reason) values (tests.id('acme'), '+14155550123', true, 'member', 'Asked by phone');
update public.dnc_entries set sms_blocked = false, source = 'restart' where organization_id = tests.id('acme') and phone_number = '+14155550123';
insert into public.dnc_entries (organization_id, phone_number, voice_blocked, source) values (tests.id('rival'), '+14155550123', true, 'import');

select results_eq(
  $$ select e.sequence, e.phone_number, e.sms_blocked, e.source from public.dnc_events e where e.organization_id = tests.id('acme') order by e.sequence $$,
  $$ values (1::bigint, '+13125550199', true, 'member'), (2::bigint, '+14155550123', true, 'member'), (3::bigint, '+14155550123', false, 'restart') $$,
  'each change is a line'
);
select is_empty($$ select e.sequence from public.dnc_events e where e.hash <> private.seal_dnc_event(e) $$, 'each line is sealed with its own content');
select is_empty(
  $$ select e.sequence from public.dnc_events e
    left join public.dnc_events p on p.organization_id = e.organization_id and p.sequence = e.sequence - 1
    where e.previous_hash <> coalesce(p.hash, '') $$, 'and with the line before'
);
select is((select count(*) from public.dnc_events e where e.organization_id = tests.id('rival')), 2::bigint, 'each organization has its own chain');
alter table public.dnc_events disable trigger dnc_events_append_only;
update public.dnc_events set reason = 'Never asked' where organization_id = tests.id('acme') and sequence = 2;
select is((select array_agg(e.sequence) from public.dnc_events e where e.hash <> private.seal_dnc_event(e)), array[2::bigint], 'a line that was changed gives itself away');
delete from public.dnc_events where organization_id = tests.id('acme') and sequence = 2;
select is(
  (select array_agg(e.sequence) from public.dnc_events e
    left join public.dnc_events p on p.organization_id = e.organization_id and p.sequence = e.sequence - 1
    where e.previous_hash <> coalesce(p.hash, '')), array[3::bigint], 'and so does one that is missing'
);

select * from finish();
rollback;
