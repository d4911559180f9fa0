import { SignJWT } from 'jose';
import { expect, inject, test } from 'vitest';
import { signedInClient } from '../testing/clients.ts';

const stack = inject('stack');

function ask(headers: Record<string, string>, path = '/rest/v1/organizations?select=id'): Promise<Response> {
  return fetch(`${stack.apiUrl}${path}`, { headers });
}

test('no key and an unknown key are refused', async () => {
  expect((await ask({})).status).toBe(401);
  expect((await ask({ apikey: 'sb_publishable_made_up' })).status).toBe(401);
});

test('a token alone is not enough', async () => {
  const { client } = await signedInClient();
  const token = (await client.auth.getSession()).data.session?.access_token ?? '';
  expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(401);
  expect((await ask({ authorization: `Bearer ${token}`, apikey: stack.publishableKey })).status).toBe(200);
});

test('the secret key works from a server and is refused in a browser', async () => {
  const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
  expect((await ask({ apikey: stack.secretKey })).status).toBe(200);
  expect((await ask({ apikey: stack.secretKey, ...browser })).status).toBe(401);
  expect((await ask({ apikey: stack.secretKey, ...browser }, '/auth/v1/admin/users')).status).toBe(401);
});

test('legacy keys stand for their roles', async () => {
  const legacy = (key: string) => ask({ apikey: key, authorization: `Bearer ${key}` });
  expect((await legacy(stack.serviceRoleKey)).status).toBe(200);
  // anon may not read organizations: refused by the grants, not by the gateway.
  expect(await (await legacy(stack.anonKey)).json()).toMatchObject({ code: '42501' });
});

test('a legacy key signed by somebody else is refused', async () => {
  const forged = await new SignJWT({ role: 'service_role' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode('not the secret of this stack at all'));
  expect((await ask({ apikey: forged, authorization: `Bearer ${forged}` })).status).toBe(401);
});

test('a token that expired is refused', async () => {
  const expired = await new SignJWT({ role: 'authenticated', sub: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(Math.floor(Date.now() / 1000) - 3600)
    .sign(new TextEncoder().encode(stack.jwtSecret));
  const answer = await ask({ apikey: stack.publishableKey, authorization: `Bearer ${expired}` });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ code: 'PGRST303' });
});

test.each(['/rest/v1/organizations', '/auth/v1/token', '/auth/v1/admin/users', '/storage/v1/bucket'])(
  'a browser of any origin may ask before it calls %s',
  async (path) => {
    const answer = await fetch(`${stack.apiUrl}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://somewhere.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'apikey,authorization,x-client-info',
      },
    });
    expect(answer.ok).toBe(true);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-headers')).toContain('x-client-info');
  },
);

test('every answer may be read by any origin, refusals too', async () => {
  for (const headers of [{}, { apikey: stack.secretKey }]) {
    expect((await ask(headers)).headers.get('access-control-allow-origin')).toBe('*');
  }
});
