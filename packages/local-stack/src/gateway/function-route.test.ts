import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { SignJWT } from 'jose';
import { afterEach, expect, test } from 'vitest';
import { createFunctionRoute } from './function-route.ts';

const jwtSecret = 'a secret that is long enough for HS256, and then some';
const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listen(server: Server): Promise<string> {
  open.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A gateway in front of one function called `echo`. */
async function gatewayFor(url: string, verifyJwt = false): Promise<string> {
  const route = createFunctionRoute({ echo: { url, verifyJwt } }, jwtSecret);
  return listen(createHttpServer((request, response) => void route(request, response)));
}

/** A function that answers what it saw. */
function echo(): Promise<string> {
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.end(
        JSON.stringify({
          method,
          url,
          signature: headers['x-signature'],
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
  });
  return listen(server);
}

test('the function sees its own path, the query as it was and the body byte for byte', async () => {
  const gateway = await gatewayFor(await echo());
  const answer = await fetch(`${gateway}/functions/v1/echo/carrier?a=1&b=%20x`, {
    method: 'POST',
    headers: { 'x-signature': 'abc' },
    body: 'From=%2B1&Body=a+b',
  });
  expect(await answer.json()).toEqual({
    method: 'POST',
    url: '/echo/carrier?a=1&b=%20x',
    signature: 'abc',
    body: 'From=%2B1&Body=a+b',
  });
});

test('while a function is being started again callers are asked to come back', async () => {
  const gone = createServer();
  const url = await listen(gone);
  gone.close();
  const answer = await fetch(`${await gatewayFor(url)}/functions/v1/echo`, { method: 'POST' });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(await answer.json()).toMatchObject({ code: 'BOOT_ERROR' });
});

test('a function that dies over a request is told apart from one that is not there', async () => {
  const url = await listen(createServer((socket) => socket.once('data', () => socket.destroy())));
  const answer = await fetch(`${await gatewayFor(url)}/functions/v1/echo`, { method: 'POST' });
  expect(answer.status).toBe(502);
});

test('a function that wants a token gets only callers who have one of ours', async () => {
  const gateway = await gatewayFor(await echo(), true);
  const token = await new SignJWT({ role: 'authenticated' })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(jwtSecret));
  const ask = (headers: Record<string, string>) => fetch(`${gateway}/functions/v1/echo`, { headers });
  expect((await ask({})).status).toBe(401);
  expect((await ask({ authorization: 'Bearer made.up.token' })).status).toBe(401);
  expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(200);
});
