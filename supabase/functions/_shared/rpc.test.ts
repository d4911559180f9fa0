import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createRpc, RpcFailure } from './rpc.ts';

const servers: { close(): void }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push({ close: () => (server.closeAllConnections(), server.close()) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('createRpc', () => {
  it('posts the parameters with the secret key and answers the result', async () => {
    let seen: unknown;
    const supabaseUrl = await serve((request, response) => {
      seen = {
        url: request.url,
        apikey: request.headers['apikey'],
        authorization: request.headers.authorization,
      };
      response.end('{"outcome":"processed"}');
    });
    const rpc = createRpc({ supabaseUrl, secretKey: 'sb_secret_x' });
    expect(await rpc('do_it', { p_event: {} })).toEqual({ outcome: 'processed' });
    expect(seen).toEqual({ url: '/rest/v1/rpc/do_it', apikey: 'sb_secret_x', authorization: undefined });
  });

  it.each([
    [400, '{"code":"TL002","message":"secret text"}', false, 'TL002'],
    [401, '{"message":"secret text"}', false, null],
    [429, '', true, null],
    [500, '{"code":"40P01"}', true, '40P01'],
    [503, '<html>', true, null],
    [200, '<html>', true, null],
  ])('status %i with %s is a failure that may pass: %s', async (status, text, transient, code) => {
    const supabaseUrl = await serve((_request, response) => response.writeHead(status).end(text));
    const failure = await createRpc({ supabaseUrl, secretKey: 'k' })('do_it', {}).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(RpcFailure);
    expect(failure).toMatchObject({ transient, code });
    expect(String(failure)).not.toContain('secret text');
  });

  it('gives up on a database that does not answer, and on one that is not there', async () => {
    const silent = await serve(() => undefined);
    await expect(
      createRpc({ supabaseUrl: silent, secretKey: 'k', timeoutMs: 50 })('do_it', {}),
    ).rejects.toMatchObject({
      transient: true,
    });
    await expect(
      createRpc({ supabaseUrl: 'http://127.0.0.1:1', secretKey: 'k' })('do_it', {}),
    ).rejects.toMatchObject({ transient: true });
  });
});
