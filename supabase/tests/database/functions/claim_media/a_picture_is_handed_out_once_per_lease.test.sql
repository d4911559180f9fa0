begin;
select plan(5);
select tests.build_world();

create function pg_temp.claim() returns setof jsonb language plpgsql as $$
begin
  return query select c::jsonb from unnest(tests.value_as('worker', 'select array(select c::text from worker.claim_media(''w1'', 10, 30) c)')::text[]) c;
end;
$$;
delete from public.message_media where organization_id = tests.id('rival');

select is(
  (select jsonb_agg(c) from pg_temp.claim() c),
  jsonb_build_array(jsonb_build_object(
    'media_id', tests.id('acme picture'), 'organization_id', tests.id('acme'), 'message_id', tests.id('acme inbound'), 'position', 0,
    'provider', 'twilio', 'credentials_ref', 'demo', 'provider_url', 'https://carrier.test/1', 'content_type', 'image/png', 'attempt', 1
  )), 'with all it takes to fetch it'
);
select is_empty($$ select pg_temp.claim() $$, 'not to another at the same time');
update public.message_media set copy_after = clock_timestamp();
select is((select c ->> 'attempt' from pg_temp.claim() c), '2', 'again when the lease is over');
update public.message_media set copy_after = clock_timestamp(), status = 'stored';
select is_empty($$ select pg_temp.claim() $$, 'not once it is stored');
update public.message_media set status = 'failed';
select is_empty($$ select pg_temp.claim() $$, 'nor once it failed');

select * from finish();
rollback;
