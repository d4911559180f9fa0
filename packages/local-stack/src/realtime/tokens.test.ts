import { SignJWT } from 'jose';
import { expect, it } from 'vitest';
import { TokenVerifier } from './tokens.ts';

const now = 1_700_000_000_000;
const seconds = now / 1000;
const keys = {
  publishableKey: 'sb_publishable_a',
  secretKey: 'sb_secret_b',
  jwtSecret: 'a secret of thirty-two characters',
};
const verifier = new TokenVerifier(keys, () => now);

const sign = (claims: Record<string, unknown>, secret = keys.jwtSecret): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));

it('maps the opaque keys to their roles, without an expiry', async () => {
  const anon = { ok: true, bearer: { claims: { role: 'anon' }, expiresAt: undefined } };
  expect(await verifier.verify('sb_publishable_a')).toEqual(anon);
  expect(await verifier.verify('sb_secret_b')).toMatchObject({
    bearer: { claims: { role: 'service_role' } },
  });
});

it('accepts a signed token with a role and an expiry', async () => {
  const token = await sign({ role: 'authenticated', sub: 'u', exp: seconds + 1 });
  expect(await verifier.verify(token)).toEqual({
    ok: true,
    bearer: { claims: { role: 'authenticated', sub: 'u', exp: seconds + 1 }, expiresAt: now + 1000 },
  });
});

it('accepts a token that was percent-encoded or broken into lines', async () => {
  const token = await sign({ role: 'authenticated', exp: seconds + 1 });
  expect(await verifier.verify(`${token.slice(0, 10)}\n%20${token.slice(10)}`)).toMatchObject({ ok: true });
});

it.each([
  [{ role: 'authenticated', exp: seconds - 12 }, 'InvalidJWTToken', 'Token has expired 12 seconds ago'],
  [{ role: 'authenticated', exp: seconds }, 'InvalidJWTToken', 'Token has expired 0 seconds ago'],
  [{ exp: seconds + 9 }, 'InvalidJWTToken', 'Fields `role` and `exp` are required in JWT'],
  [{ role: 'authenticated' }, 'InvalidJWTToken', 'Fields `role` and `exp` are required in JWT'],
  [{ role: 'authenticated', exp: seconds + 0.5 }, 'InvalidJWTToken', 'Token expiration time is invalid'],
])('refuses the claims %j', async (claims, code, message) => {
  expect(await verifier.verify(await sign(claims))).toEqual({ ok: false, refusal: { code, message } });
});

it('refuses a token signed by somebody else', async () => {
  const token = await sign(
    { role: 'authenticated', exp: seconds + 9 },
    'another secret of thirty-two characters',
  );
  const refusal = { code: 'JwtSignatureError', message: 'Failed to validate JWT signature' };
  expect(await verifier.verify(token)).toEqual({ ok: false, refusal });
});

it.each(['', 'sb_publishable_other', 'not.a.jwt', 'a.b', 'eyJhbGciOiJIUzI1NiJ9.W10.x'])(
  'calls %j malformed',
  async (token) => {
    const refusal = { code: 'MalformedJWT', message: 'The token provided is not a valid JWT' };
    expect(await verifier.verify(token)).toEqual({ ok: false, refusal });
  },
);

it('refuses an unsigned token and one of an algorithm it holds no key for', async () => {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const header of [{ alg: 'none' }, { alg: 'ES256', kid: 'k1' }]) {
    const token = `${encode(header)}.${encode({ role: 'service_role', exp: seconds + 9 })}.eA`;
    expect(await verifier.verify(token)).toMatchObject({ ok: false, refusal: { code: 'JwtSignerError' } });
  }
});
