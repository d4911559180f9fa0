import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createClient } from '@supabase/supabase-js';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { unwrap } from './errors.ts';
import { limitFetch } from './limited-fetch.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => (server.closeAllConnections(), server.close())));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = z.object({ port: z.int() }).parse(server.address());
  return `http://127.0.0.1:${port}`;
}

test('an answer in time is as from fetch', async () => {
  const url = await serve((_request, response) => response.end('here'));
  expect(await (await limitFetch(5_000)(url)).text()).toBe('here');
});

test.each<[string, RequestListener]>([
  ['never comes', () => undefined],
  ['never ends', (_request, response) => response.writeHead(200).write('{')],
])('an answer that %s is like no connection', async (_how, listener) => {
  const client = createClient(await serve(listener), 'key', { global: { fetch: limitFetch(100) } });
  const answer = await client.rpc('anything');
  expect(() => unwrap(z.unknown(), answer)).toThrow(expect.objectContaining({ kind: 'offline' }));
});

test('whoever asked may give up earlier', async () => {
  const url = await serve(() => undefined);
  const own = new AbortController();
  const answer = limitFetch(60_000)(url, { signal: own.signal });
  own.abort(new Error('not wanted any more'));
  await expect(answer).rejects.toThrow('not wanted any more');
});
