import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { expect, inject, test } from 'vitest';
import { client, password, serverClient, signedInClient, uniqueEmail } from '../testing/clients.ts';

const stack = inject('stack');
const { admin } = serverClient().auth;

test('only a key or token of service_role reaches the admin routes', async () => {
  const { client: own } = await signedInClient();
  expect((await client().auth.admin.listUsers()).error).toMatchObject({ status: 403, code: 'not_admin' });
  expect((await own.auth.admin.listUsers()).error).toMatchObject({ status: 403, code: 'not_admin' });
  expect((await client('sb_secret_made_up').auth.admin.listUsers()).error).toMatchObject({ status: 401 });
});

test('an account made by the server can sign in at once', async () => {
  const email = uniqueEmail();
  const { data, error } = await admin.createUser({
    email,
    password,
    email_confirm: true,
    user_metadata: { full_name: 'Made' },
    app_metadata: { plan: 'pro' },
  });
  expect(error).toBeNull();
  expect(data.user).toMatchObject({
    email,
    user_metadata: { full_name: 'Made' },
    app_metadata: { plan: 'pro', provider: 'email', providers: ['email'] },
    identities: [{ provider: 'email' }],
  });
  expect((await client().auth.signInWithPassword({ email, password })).error).toBeNull();
});

test('an unconfirmed account has to confirm first', async () => {
  const email = uniqueEmail();
  await admin.createUser({ email, password });
  const { error } = await client().auth.signInWithPassword({ email, password });
  expect(error).toMatchObject({ status: 400, code: 'email_not_confirmed' });
});

test('one address is one account', async () => {
  const { email } = await signedInClient();
  expect((await admin.createUser({ email: email.toUpperCase(), password })).error).toMatchObject({
    status: 422,
    code: 'email_exists',
  });
});

test('accounts are listed by the page', async () => {
  await signedInClient();
  const first = await admin.listUsers({ page: 1, perPage: 2 });
  const second = await admin.listUsers({ page: 2, perPage: 2 });
  expect(first.data.users).toHaveLength(2);
  expect(first.data).toMatchObject({ nextPage: 2 });
  const ids = [...first.data.users, ...second.data.users].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('changes are merged into what is known', async () => {
  const { userId } = await signedInClient();
  await admin.updateUserById(userId, { user_metadata: { a: 1 } });
  const { data } = await admin.updateUserById(userId, { user_metadata: { b: 2 }, email: uniqueEmail() });
  expect(data.user?.user_metadata).toMatchObject({ a: 1, b: 2 });
});

test('a deleted account is gone, and its sign-in with it', async () => {
  const { userId, email } = await signedInClient();
  expect((await admin.deleteUser(userId)).error).toBeNull();
  expect((await admin.getUserById(userId)).error).toMatchObject({ status: 404, code: 'user_not_found' });
  expect((await client().auth.signInWithPassword({ email, password })).error).toMatchObject({ status: 400 });
});

test('somebody banned gets no session, old or new, until the ban is lifted', async () => {
  const { client: own, userId, email } = await signedInClient();
  await admin.updateUserById(userId, { ban_duration: '24h' });
  const banned = { status: 400, code: 'user_banned' };
  expect((await client().auth.signInWithPassword({ email, password })).error).toMatchObject(banned);
  expect((await own.auth.refreshSession()).error).toMatchObject(banned);
  const link = await admin.generateLink({ type: 'magiclink', email });
  const token_hash = link.data.properties?.hashed_token ?? '';
  expect((await client().auth.verifyOtp({ type: 'email', token_hash })).error).toMatchObject(banned);
  await admin.updateUserById(userId, { ban_duration: 'none' });
  expect((await client().auth.signInWithPassword({ email, password })).error).toBeNull();
});

test('accounts have no second factors', async () => {
  const { userId } = await signedInClient();
  expect((await admin.mfa.listFactors({ userId })).data?.factors).toEqual([]);
});

test('an account nobody made is not found', async () => {
  const { error } = await admin.getUserById(randomUUID());
  expect(error).toMatchObject({ status: 404, code: 'user_not_found' });
});

test('a legacy service_role key is as good as a secret key', async () => {
  const { error } = await client(stack.serviceRoleKey).auth.admin.listUsers({ perPage: 1 });
  expect(error).toBeNull();
});

test('a recovery link signs in once, with complete claims, and leads back to the app', async () => {
  const { email, userId } = await signedInClient();
  const { data } = await admin.generateLink({
    type: 'recovery',
    email,
    options: { redirectTo: `${stack.webUrl}/back` },
  });
  const link = data.properties?.action_link ?? '';
  const first = await fetch(link, { redirect: 'manual' });
  const [address, fragment] = (first.headers.get('location') ?? '').split('#');
  const token = new URLSearchParams(fragment).get('access_token') ?? '';
  expect(address).toBe(`${stack.webUrl}/back`);
  expect(decodeJwt(token)).toMatchObject({ sub: userId, aal: 'aal1', amr: [{ method: 'otp' }] });
  const second = await fetch(link, { redirect: 'manual' });
  expect(second.headers.get('location')).toContain('error_code=otp_expired');
});

test('an invited person signs in with the code of the invitation', async () => {
  const email = uniqueEmail();
  const { data, error } = await admin.generateLink({
    type: 'invite',
    email,
    options: { data: { team: 'blue' } },
  });
  expect(error).toBeNull();
  const verified = await client().auth.verifyOtp({
    type: 'invite',
    token_hash: data.properties?.hashed_token ?? '',
  });
  expect(verified.data.user).toMatchObject({ email, user_metadata: { team: 'blue' } });
});

test('nobody is invited twice once they have an account', async () => {
  const { email } = await signedInClient();
  expect((await admin.inviteUserByEmail(email)).error).toMatchObject({ status: 422, code: 'email_exists' });
});
