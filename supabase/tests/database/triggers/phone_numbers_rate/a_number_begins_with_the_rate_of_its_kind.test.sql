begin;
select plan(4);
select tests.build_world();

create temp table added as
with written as (
  insert into public.phone_numbers (organization_id, provider_account_id, phone_number, sender_kind, segments_per_second)
  select tests.id('acme'), tests.id('acme account'), n.phone_number, n.kind, n.rate
  from (values
    ('+14155550181', 'long_code', null), ('+14155550182', 'ten_dlc', null), ('+18335550183', 'toll_free', null),
    ('72345', 'short_code', null), ('+14155550185', 'ten_dlc', 75)
  ) n (phone_number, kind, rate)
  returning *
)
select * from written;
select results_eq(
  $$ select a.sender_kind, a.segments_per_second from added a where a.phone_number <> '+14155550185' order by a.segments_per_second, a.sender_kind $$,
  $$ values ('long_code', 1::numeric), ('ten_dlc', 1), ('toll_free', 3), ('short_code', 100) $$, 'unless it is given'
);
select is((select segments_per_second from added where phone_number = '+14155550185'), 75::numeric, 'what is given stays');
select throws_ok(
  $$ insert into public.phone_numbers (organization_id, provider_account_id, phone_number, sender_kind) values (tests.id('acme'), tests.id('acme account'), '72346', 'long_code') $$,
  '23514', null, 'only a short code is short'
);
select throws_ok(
  $$ insert into public.phone_numbers (organization_id, provider_account_id, phone_number, segments_per_second) values (tests.id('acme'), tests.id('acme account'), '+14155550186', 0) $$,
  '23514', null, 'and no rate is zero'
);

select * from finish();
rollback;
