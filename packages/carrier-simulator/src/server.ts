import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { ApiReply, CarrierApi } from './api-reply.ts';
import type { CarrierCore } from './core/carrier-core.ts';

const longestApiBody = 256 * 1024;

/** Injected silence ends after this long at the latest, so that held connections stay bounded. */
const longestSilenceMs = 10 * 60_000;

/**
 * The carrier's HTTP server. The APIs are spoken on the bare Node server, since a load test asks for thousands of
 * messages a second and some of them must end in a broken connection; everything else goes through Hono.
 */
export function createCarrierServer(core: CarrierCore, apis: readonly CarrierApi[], pages: Hono): Server {
  const inFlight = new Map<string, number>();
  const listenPages = getRequestListener(pages.fetch, { overrideGlobalObjects: false });

  return createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    const url = request.url ?? '';
    const api = apis.find(({ prefix }) => url.startsWith(prefix));
    if (!api) {
      void listenPages(request, response);
      return;
    }
    const startedAt = performance.now();
    const account = api.authenticate(request.headers.authorization);
    const key = account?.accountSid ?? '';
    const concurrent = (inFlight.get(key) ?? 0) + 1;
    inFlight.set(key, concurrent);
    response.once('close', () => inFlight.set(key, (inFlight.get(key) ?? 1) - 1));
    readBody(request, (body) => {
      const [path = '', query = ''] = url.split('?', 2);
      const { authorization } = request.headers;
      const method = request.method ?? 'GET';
      const reply = answerSafely(api, () =>
        api.handle({ method, path, query, authorization, body }, account, concurrent),
      );
      const finish = () => deliver(api, reply, response, { startedAt, concurrent });
      const { latencyMs } = core.faults.current;
      if (latencyMs === 0) finish();
      else setTimeout(finish, latencyMs).unref();
    });
  });
}

/** A mistake of the simulator answers one request with 500 instead of ending all the others. */
function answerSafely(api: CarrierApi, handle: () => ApiReply): ApiReply {
  try {
    return handle();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return api.failure(`The simulator failed: ${message}`);
  }
}

function readBody(request: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > longestApiBody) request.destroy();
    else chunks.push(chunk);
  });
  request.on('end', () => done(Buffer.concat(chunks).toString('utf8')));
}

function deliver(
  api: CarrierApi,
  reply: ApiReply,
  response: ServerResponse,
  load: { startedAt: number; concurrent: number },
): void {
  if (reply.fate === 'hang') {
    setTimeout(() => response.destroy(), longestSilenceMs).unref();
    return;
  }
  if (reply.fate === 'drop') response.socket?.destroy();
  else {
    response.writeHead(reply.status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(reply.body),
      ...api.headers({
        concurrent: load.concurrent,
        seconds: (performance.now() - load.startedAt) / 1000,
      }),
      ...reply.headers,
    });
    response.end(reply.body);
  }
  reply.afterAnswer?.();
}
