begin;
select plan(5);
select tests.build_world();

update public.messages set status = 'delivered' where id = tests.id('acme outbound');
select is((select p #>> '{message,status}' from tests.broadcasts('message_changed') p), 'delivered', 'a new status');
delete from realtime.messages;
update public.messages set updated_at = now() where id = tests.id('acme outbound');
update public.messages set status = 'delivered' where id = tests.id('acme outbound');
select is_empty($$ select from realtime.messages $$, 'the same status is none');
update public.messages set error_code = '30005' where id = tests.id('acme outbound');
update public.messages set segments = 2 where id = tests.id('acme outbound');
select is((select count(*) from tests.broadcasts('message_changed')), 2::bigint, 'an error or another count is');
delete from realtime.messages;
update public.message_media set copy_attempts = 3;
select is_empty($$ select from realtime.messages $$, 'how often a picture was tried is nobody''s business');
update public.message_media set status = 'failed' where id = tests.id('acme picture');
select is((select p #>> '{message,media,0,status}' from tests.broadcasts('message_changed') p), 'failed', 'that it failed is');

select * from finish();
rollback;
