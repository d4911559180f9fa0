begin;
select plan(2);
select tests.build_world();

create temp table sent as select tests.sent_id('Hello') as id;
-- A state no function produces: a waiting job with an attempt that may have arrived.
insert into public.send_attempts (organization_id, job_id, message_id, provider_account_id, sender, recipient, body_sha256, state, worker_id, lease_expires_at)
select j.organization_id, j.id, j.message_id, tests.id('acme account'), '+12125550100', j.recipient, '', 'unknown', 'w0', now()
from public.message_jobs j where j.message_id = (select id from sent);

select is_empty($$ select tests.claim() $$, 'it is not handed out');
select throws_ok(
  $$ insert into public.send_attempts (organization_id, job_id, message_id, provider_account_id, sender, recipient, body_sha256, worker_id, lease_expires_at)
    select a.organization_id, a.job_id, a.message_id, a.provider_account_id, a.sender, a.recipient, '', 'w2', now() from public.send_attempts a where a.state = 'unknown' $$,
  '23505', null, 'nor could anybody write the attempt'
);

select * from finish();
rollback;
