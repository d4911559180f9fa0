-- Pictures live in the private bucket message-media under <organization>/<message>/<n>.<ext>; the worker makes the
-- bucket and writes to it with the secret key, members read what is their organization's.

create policy threadline_message_media_select on storage.objects for select to authenticated
  using (
    bucket_id = 'message-media'
    and (storage.foldername(name))[1] in (select o::text from private.my_organization_ids() o)
  );
