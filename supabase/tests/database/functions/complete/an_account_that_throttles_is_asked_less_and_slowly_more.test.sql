begin;
select plan(6);
select tests.build_world();

select tests.limit_acme(10000, 8);
create temp table jobs as select tests.enqueued_id(jsonb_build_object('to', '+1415555010' || n)) as id from generate_series(0, 9) n;
create temp table claimed as select (c ->> 'attempt_id')::uuid as id, row_number() over () as n from tests.claim() c;
create temp view lines as select l.in_flight_limit from private.account_load l where l.provider_account_id = tests.id('acme account');

select tests.accept((select id from claimed where n = 1), 'SM1') as accepted into temp table accepted;
select is_empty($$ select * from lines $$, 'an account that bears everything is not watched');
select tests.complete((select id from claimed where n = 2), '{"outcome": "later", "http_status": 429, "error_code": "20429"}') as refused into temp table refused;
select is((select in_flight_limit from lines), 4, 'the first 429 halves its lines');
select tests.complete((select id from claimed where n = 3), '{"outcome": "later", "http_status": 429, "error_code": "20429"}') as again into temp table again;
select is((select in_flight_limit from lines), 4, 'more of the same moment say nothing new');
update private.account_load set changed_at = changed_at - interval '1 second';
select tests.complete((select id from claimed where n = 4), '{"outcome": "later", "http_status": 429, "error_code": "20429"}') as later into temp table later;
select is((select in_flight_limit from lines), 2, 'a second later they do');
update private.account_load set changed_at = changed_at - interval '1 second';
select tests.accept((select id from claimed where n = 5), 'SM5') as good into temp table good;
select is((select in_flight_limit from lines), 3, 'and each good second gives some back');
select is((select private.free_lines(tests.id('acme account'))), 0, 'what is still open counts against what is left');

select * from finish();
rollback;
