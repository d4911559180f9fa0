begin;
select plan(3);
select tests.build_world();

select tests.become('admin');
create temp table offered as select * from public.invite_member(tests.id('acme'), ' Dora@Example.com ', 'agent');
select tests.become('database owner');

select matches((select token from offered), '^[0-9a-f]{64}$', 'the token is 256 random bits');
select is(
  (select i.token_hash from public.invitations i join offered o on o.invitation_id = i.id), (select sha256(token::bytea) from offered),
  'the table holds its hash'
);
select is(
  (select i.email || '|' || i.role || '|' || i.invited_by from public.invitations i join offered o on o.invitation_id = i.id),
  'dora@example.com|agent|' || tests.id('admin'), 'the address is tidied up'
);

select * from finish();
rollback;
