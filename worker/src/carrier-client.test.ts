import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HttpRequest } from '@threadline/providers';
import { createCarrierClient } from './carrier-client.ts';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function client(connections = 4) {
  const carrier = createCarrierClient(connections);
  closers.push(() => void carrier.close());
  return carrier.http;
}

async function listening(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/messages?a=1`;
}

const serve = (listener: RequestListener) => listening(createHttpServer(listener));

function post(url: string, changes: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'POST', url, headers: { 'x-test': '1' }, body: 'a=b', timeoutMs: 5_000, ...changes };
}

describe('an exchange with a carrier', () => {
  it('sends the request as given and returns the whole answer, whatever its status', async () => {
    let seen: unknown;
    const url = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen = [request.method, request.url, request.headers['x-test'], Buffer.concat(chunks).toString()];
        response.writeHead(429, { 'Retry-After': '3', 'X-Many': ['1', '2'] }).end('später');
      });
    });
    expect(await client()(post(url))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '3', 'x-many': '1, 2' },
      text: 'später',
    });
    expect(seen).toEqual(['POST', '/messages?a=1', '1', 'a=b']);
  });

  it('follows no redirect', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(302, { location: '/elsewhere' }).end(),
    );
    expect(await client()(post(url))).toMatchObject({ status: 302 });
  });

  it('keeps a connection for the next request', async () => {
    let connections = 0;
    const server = createHttpServer((_request, response) => response.end('ok'));
    server.on('connection', () => (connections += 1));
    const url = await listening(server);
    const http = client(1);
    await http(post(url));
    await http(post(url));
    expect(connections).toBe(1);
  });

  it('never sends a request twice, not even when a kept connection breaks', async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      if (requests === 1) response.end('ok');
      else request.socket.destroy();
    });
    const http = client(1);
    await http(post(url));
    await expect(http(post(url))).rejects.toMatchObject({ requestWritten: true });
    expect(requests).toBe(2);
  });
});

describe('what certainly was not written', () => {
  it('a refused connection', async () => {
    await expect(client()(post('http://127.0.0.1:1/'))).rejects.toMatchObject({
      requestWritten: false,
      reason: 'connect',
    });
  });

  it('a name that does not resolve', async () => {
    await expect(client()(post('http://carrier.invalid/'))).rejects.toMatchObject({ requestWritten: false });
  });

  it('a TLS handshake that fails', async () => {
    const url = await listening(createTcpServer((socket) => socket.end('not TLS at all')));
    const secure = url.replace('http:', 'https:');
    await expect(client()(post(secure))).rejects.toMatchObject({ requestWritten: false, reason: 'connect' });
  });

  it('an address that makes no sense', async () => {
    await expect(client()(post('gopher://127.0.0.1/'))).rejects.toMatchObject({ requestWritten: false });
  });

  it('a request that was aborted before it began', async () => {
    let requests = 0;
    const url = await serve(() => (requests += 1));
    const http = client(1);
    await expect(http(post(url, { signal: AbortSignal.abort() }))).rejects.toMatchObject({
      requestWritten: false,
      reason: 'aborted',
    });
    expect(requests).toBe(0);
  });

  it('a request whose time was over when its connection came up, as after a standstill of the process', async () => {
    let requests = 0;
    const url = await serve(() => (requests += 1));
    const late = client(1)(post(url, { timeoutMs: 20_000 })).catch((error: unknown) => error);
    // Time passes, and the connection is told before any timer.
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 20_001);
    closers.push(() => clock.mockRestore());
    expect(await late).toMatchObject({ requestWritten: false, reason: 'timeout' });
    expect(requests).toBe(0);
  });

  it('requests that waited for a connection until they were given up', async () => {
    let requests = 0;
    const url = await serve(() => (requests += 1));
    const http = client(1);
    const first = http(post(url, { timeoutMs: 300 })).catch((error: unknown) => error);
    await vi.waitFor(() => expect(requests).toBe(1));
    const stop = new AbortController();
    const aborted = http(post(url, { signal: stop.signal })).catch((error: unknown) => error);
    const late = http(post(url, { timeoutMs: 20 })).catch((error: unknown) => error);
    stop.abort();
    expect(await aborted).toMatchObject({ requestWritten: false, reason: 'aborted' });
    expect(await late).toMatchObject({ requestWritten: false, reason: 'timeout' });
    expect(await first).toMatchObject({ requestWritten: true, reason: 'timeout' });
    expect(requests).toBe(1);
  });
});

describe('what may have been taken', () => {
  it('a request whose answer never comes', async () => {
    const url = await serve(() => undefined);
    await expect(client()(post(url, { timeoutMs: 50 }))).rejects.toMatchObject({
      requestWritten: true,
      reason: 'timeout',
    });
  });

  it('a request aborted while it was under way', async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort());
    await expect(client()(post(url, { signal: stop.signal }))).rejects.toMatchObject({
      requestWritten: true,
      reason: 'aborted',
    });
  });

  it('a connection that breaks instead of an answer', async () => {
    const url = await serve((request) => request.socket.destroy());
    await expect(client()(post(url))).rejects.toMatchObject({ requestWritten: true, reason: 'broken' });
  });

  it('an answer that breaks off in the middle', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(201, { 'content-length': '1000' });
      response.write('{"sid":', () => response.destroy());
    });
    await expect(client()(post(url))).rejects.toMatchObject({ requestWritten: true });
  });

  it('an answer that is no HTTP, and one that is endless', async () => {
    const noise = await listening(
      createTcpServer((socket) => socket.on('data', () => socket.end('what?\r\n\r\n'))),
    );
    await expect(client()(post(noise))).rejects.toMatchObject({ requestWritten: true });
    const endless = await serve((_request, response) => {
      response.end('x'.repeat(2 * 1024 * 1024));
    });
    await expect(client()(post(endless))).rejects.toMatchObject({ requestWritten: true });
  });
});
