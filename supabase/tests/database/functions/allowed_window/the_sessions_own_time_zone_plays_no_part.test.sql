begin;
select plan(3);
select tests.build_world();

select is(
  (select array[w.allowed_from, w.allowed_until] from private.allowed_window(tests.id('acme'), '{America/New_York}', '{US-NY}', 'marketing', '2026-10-31 22:00-04') w),
  array['2026-11-01 12:00-05', '2026-11-01 20:00-05']::timestamptz[], format('in a session of %s', zone)
)
from unnest(array['UTC', 'America/New_York', 'Pacific/Kiritimati']) zone, set_config('TimeZone', zone, true);

select * from finish();
rollback;
