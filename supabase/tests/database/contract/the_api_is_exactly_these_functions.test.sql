begin;
select plan(3);

select set_eq(
  $$ select p.proname::text from pg_proc p
    where p.pronamespace = 'public'::regnamespace and has_function_privilege('authenticated', p.oid, 'execute') $$,
  array[
    'accept_invitation', 'create_organization', 'inbox_changes', 'inbox_page', 'invite_member', 'mark_thread_read', 'open_thread',
    'replay_webhook_event', 'revoke_invitation', 'send_message', 'thread_changes', 'thread_messages', 'update_member'
  ],
  'for people who signed in'
);
select set_eq(
  $$ select p.proname::text from pg_proc p
    where p.pronamespace = 'public'::regnamespace and has_function_privilege('service_role', p.oid, 'execute') $$,
  array['apply_delivery_report', 'ingest_inbound_message'],
  'for the Edge Function'
);
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'public'::regnamespace
      and has_function_privilege('authenticated', p.oid, 'execute') and has_function_privilege('service_role', p.oid, 'execute') $$,
  'nobody holds both'
);

select * from finish();
rollback;
