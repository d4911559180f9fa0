import { decodeJwt } from 'jose';
import { expect, inject, test } from 'vitest';
import { client, password, signedInClient, uniqueEmail } from '../testing/clients.ts';

const stack = inject('stack');

test('signing up opens a session and keeps the data given with it', async () => {
  const { data, error } = await client().auth.signUp({
    email: uniqueEmail(),
    password,
    options: { data: { full_name: 'Ada' } },
  });
  expect(error).toBeNull();
  expect(data.session).not.toBeNull();
  expect(data.user?.user_metadata).toMatchObject({ full_name: 'Ada' });
});

test('signing up twice with one address is refused', async () => {
  const { email } = await signedInClient();
  const { error } = await client().auth.signUp({ email, password });
  expect(error).toMatchObject({ status: 422, code: 'user_already_exists' });
});

test('a password too short is refused as weak', async () => {
  const { error } = await client().auth.signUp({ email: uniqueEmail(), password: 'abc' });
  expect(error).toMatchObject({ status: 422, code: 'weak_password' });
});

test('a wrong password and an unknown address are refused alike', async () => {
  const { email } = await signedInClient();
  const wrong = await client().auth.signInWithPassword({ email, password: 'not it' });
  const unknown = await client().auth.signInWithPassword({ email: uniqueEmail(), password });
  expect(wrong.error).toMatchObject({ status: 400, code: 'invalid_credentials' });
  expect(unknown.error).toMatchObject({ status: 400, code: 'invalid_credentials' });
});

test('access tokens carry the claims of a hosted project', async () => {
  const { client: own, userId, email } = await signedInClient();
  const { data } = await own.auth.getSession();
  expect(decodeJwt(data.session?.access_token ?? '')).toMatchObject({
    iss: `${stack.apiUrl}/auth/v1`,
    aud: 'authenticated',
    sub: userId,
    role: 'authenticated',
    email,
    phone: '',
    aal: 'aal1',
    amr: [{ method: 'password' }],
    app_metadata: { provider: 'email' },
    is_anonymous: false,
  });
});

test('the user behind a token is told, and its claims are verified', async () => {
  const { client: own, userId } = await signedInClient();
  expect((await own.auth.getUser()).data.user?.id).toBe(userId);
  expect((await own.auth.getClaims()).data?.claims.sub).toBe(userId);
});

test('a refresh gives a new token with the same claims', async () => {
  const { client: own, userId } = await signedInClient();
  const { data, error } = await own.auth.refreshSession();
  expect(error).toBeNull();
  expect(decodeJwt(data.session?.access_token ?? '')).toMatchObject({ sub: userId, aal: 'aal1' });
});

test('a refresh token nobody issued is refused', async () => {
  const { error } = await client().auth.refreshSession({ refresh_token: 'made-up' });
  expect(error).toMatchObject({ status: 400 });
});

test('signing out everywhere ends the other sessions too', async () => {
  const { client: first, email } = await signedInClient();
  const second = client();
  await second.auth.signInWithPassword({ email, password });
  await first.auth.signOut({ scope: 'global' });
  expect((await second.auth.refreshSession()).error).not.toBeNull();
});

test('signing out here leaves the other sessions alone', async () => {
  const { client: first, email } = await signedInClient();
  const second = client();
  await second.auth.signInWithPassword({ email, password });
  await first.auth.signOut({ scope: 'local' });
  expect((await second.auth.refreshSession()).error).toBeNull();
});

test('people change their own data and password', async () => {
  const { client: own, email } = await signedInClient();
  const { data } = await own.auth.updateUser({ data: { nickname: 'Z' }, password: 'another password' });
  expect(data.user?.user_metadata).toMatchObject({ nickname: 'Z' });
  const again = await client().auth.signInWithPassword({ email, password: 'another password' });
  expect(again.error).toBeNull();
});

test('a forged token is nobody', async () => {
  const { error } = await client().auth.getUser('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.AAAA');
  expect(error).not.toBeNull();
});

test('somebody without a name gets an account, a session that refreshes, and the role of a person', async () => {
  const own = client();
  const { data, error } = await own.auth.signInAnonymously({ options: { data: { theme: 'dark' } } });
  expect(error).toBeNull();
  expect(data.user).toMatchObject({ is_anonymous: true, email: '', user_metadata: { theme: 'dark' } });
  expect(data.user?.identities).toEqual([]);
  expect(decodeJwt(data.session?.access_token ?? '')).toMatchObject({
    role: 'authenticated',
    email: '',
    is_anonymous: true,
    amr: [{ method: 'anonymous' }],
  });
  const refreshed = await own.auth.refreshSession();
  expect(decodeJwt(refreshed.data.session?.access_token ?? '')).toMatchObject({ is_anonymous: true });
  expect((await own.auth.getUser()).data.user).toMatchObject({ id: data.user?.id, is_anonymous: true });
});

test('an anonymous account becomes a named one by its address, and only then gets a password', async () => {
  const own = client();
  const before = await own.auth.signInAnonymously();
  const early = await own.auth.updateUser({ password });
  expect(early.error).toMatchObject({ status: 422, code: 'validation_failed' });
  const email = uniqueEmail();
  const named = await own.auth.updateUser({ email });
  expect(named.data.user).toMatchObject({ id: before.data.user?.id, email, is_anonymous: false });
  expect(named.data.user?.identities).toMatchObject([{ provider: 'email' }]);
  expect((await own.auth.updateUser({ password })).error).toBeNull();
  const again = await client().auth.signInWithPassword({ email, password });
  expect(again.data.user?.id).toBe(before.data.user?.id);
  expect(decodeJwt(again.data.session?.access_token ?? '')).toMatchObject({ email, is_anonymous: false });
});

test('an anonymous account cannot take somebody else’s address', async () => {
  const { email } = await signedInClient();
  const own = client();
  await own.auth.signInAnonymously();
  expect((await own.auth.updateUser({ email })).error).toMatchObject({ status: 422, code: 'email_exists' });
  expect((await own.auth.getUser()).data.user?.is_anonymous).toBe(true);
});

test('what is not offered is refused in the words of a project that has it switched off', async () => {
  const phone = '+15550001111';
  const disabled = { code: 'phone_provider_disabled' };
  expect((await client().auth.signUp({ phone, password })).error).toMatchObject(disabled);
  expect((await client().auth.signInWithOtp({ phone })).error).toMatchObject(disabled);
  expect((await client().auth.signInWithPassword({ phone, password })).error).toMatchObject(disabled);
  const { client: own } = await signedInClient();
  expect((await own.auth.mfa.enroll({ factorType: 'totp' })).error).toMatchObject({
    status: 422,
    code: 'mfa_totp_enroll_not_enabled',
  });
  expect((await own.auth.mfa.listFactors()).data?.all).toEqual([]);
});
