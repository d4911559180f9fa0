begin;
select plan(34);
select tests.build_world();

select is(tests.try_as(who, call), '42501', format('%s: %s', who, call))
from unnest(array['anonymous visitor', 'secret key']) who, unnest(array[
  'select public.create_organization(''x'')',
  'select public.invite_member(null, null, null)',
  'select public.revoke_invitation(null)',
  'select public.accept_invitation(''x'')',
  'select public.update_member(null, null)',
  'select public.open_thread(null, null, null)',
  'select public.send_message(null, null, null)',
  'select public.inbox_page(null)',
  'select public.inbox_changes(null)',
  'select public.thread_messages(null)',
  'select public.thread_changes(null)',
  'select public.mark_thread_read(null, 1)',
  'select public.replay_webhook_event(null)',
  'select public.save_template(null, null, null, null, null, null, null)',
  'select public.archive_template(null)',
  'select public.create_api_key(null, null)',
  'select public.revoke_api_key(null)'
]) call;

select * from finish();
rollback;
