begin;
select plan(5);
select tests.build_world();

select tests.age_number('10 days', '20 minutes');
create function pg_temp.alert() returns text language sql as $$
  select format('%s %s %s', a.severity, a.details, a.closed_at is null) from public.alerts a
  where a.kind = 'texts_late' and a.organization_id = tests.id('acme');
$$;
create temp table sweeps (s jsonb);

select tests.resolve_look('{"found": 0}');
select is(pg_temp.alert(), null, 'as a rule there is nothing to tell');
select tests.resolve_look('{"found": 2}');
select tests.resolve_look('{"found": 1}');
select is(pg_temp.alert(), 'warning {"texts": 3, "phone_number": "+12125550100"} t', 'what had to be fetched is counted');
insert into sweeps select worker.sweep();
select is((select count(*) from public.alerts where kind = 'texts_late' and closed_at is null), 1::bigint, 'for as long as it goes on');
update public.alerts set seen_at = now() - interval '61 minutes';
insert into sweeps select worker.sweep();
select is(pg_temp.alert(), 'warning {"texts": 3, "phone_number": "+12125550100"} f', 'and it is over when for an hour nothing had to be');
select is((select count(*) from public.alerts where organization_id = tests.id('rival')), 0::bigint, 'nobody else hears of it');

select * from finish();
rollback;
