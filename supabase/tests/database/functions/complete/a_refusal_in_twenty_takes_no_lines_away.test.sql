begin;
select plan(5);
select tests.build_world();

select tests.limit_acme(10000, 100);
create temp table jobs as select tests.enqueued_id(jsonb_build_object('to', '+141555501' || n)) as id from generate_series(10, 59) n;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, row_number() over () as n from tests.claim(50) c;
create temp view lines as select l.in_flight_limit from private.account_load l where l.provider_account_id = tests.id('acme account');
-- So many answers in one batch, and so many of them 429.
create function pg_temp.answered(p_first integer, p_last integer, p_throttled integer) returns integer
language sql volatile
as $$
  select tests.value_as('worker', format('select worker.complete(%L, %L)', 'w1', jsonb_agg(
    case when c.n < p_first + p_throttled
      then jsonb_build_object('attempt_id', c.id, 'outcome', 'later', 'http_status', 429, 'error_code', '20429')
      else jsonb_build_object('attempt_id', c.id, 'outcome', 'accepted', 'provider_message_id', 'SM' || c.n)
    end
  )))::integer from claimed c where c.n between p_first and p_last;
$$;

select is(pg_temp.answered(1, 20, 1), 20, 'one 429 among twenty answers');
select is((select in_flight_limit from lines), 100, 'it keeps all its lines');
update private.account_load set changed_at = changed_at - interval '1 second';
select pg_temp.answered(21, 35, 5) as throttled into temp table throttled;
select is((select in_flight_limit from lines), 50, 'more than one in ten within a second halves them');
select pg_temp.answered(36, 40, 1) as more into temp table more;
update private.account_load set changed_at = changed_at - interval '1 second';
select pg_temp.answered(41, 50, 0) as good into temp table good;
select is((select in_flight_limit from lines), 55, 'and they grow again beside a few');
update private.account_load set in_flight_limit = 98, changed_at = changed_at - interval '1 second';
select tests.enqueued_id('{"to": "+14155550170"}') as id into temp table last_job;
select tests.accept((c ->> 'attempt_id')::uuid, 'SM70') as accepted into temp table last_accepted from tests.claim() c;
select is((select in_flight_limit from lines), 100, 'never beyond what the account may have');

select * from finish();
rollback;
