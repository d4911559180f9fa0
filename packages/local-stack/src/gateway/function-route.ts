import type { IncomingMessage, ServerResponse } from 'node:http';
import { jwtVerify } from 'jose';
import { forward } from './proxy.ts';

export type FunctionRoute = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/** Serves `/functions/v1/<name>/…` from the function's own process, which sees `/<name>/…` as on hosted. */
export function createFunctionRoute(
  functions: Record<string, { url: string; verifyJwt: boolean }>,
  jwtSecret: string,
): FunctionRoute {
  const secret = new TextEncoder().encode(jwtSecret);
  return async (incoming, outgoing) => {
    const path = (incoming.url ?? '').replace(/^\/functions\/v1/, '');
    const name = /^\/([^/?]+)/.exec(path)?.[1];
    const target = name === undefined ? undefined : functions[name];
    if (!target) {
      reply(outgoing, 404, { code: 'NOT_FOUND', message: 'Requested function was not found' });
      return;
    }
    if (target.verifyJwt && incoming.method !== 'OPTIONS') {
      const problem = await tokenProblem(incoming.headers.authorization, secret);
      if (problem) {
        reply(outgoing, 401, { code: 401, message: problem });
        return;
      }
    }
    await forward(incoming, outgoing, target.url, path, ({ kind }) => {
      if (kind === 'broken') reply(outgoing, 502, { code: 'WORKER_ERROR', message: 'Function exited early' });
      else
        reply(outgoing, 503, { code: 'BOOT_ERROR', message: 'Function is starting' }, { 'retry-after': '1' });
    });
  };
}

async function tokenProblem(header: string | undefined, secret: Uint8Array): Promise<string | undefined> {
  if (!header) return 'Missing authorization header';
  const token = /^Bearer (.+)$/i.exec(header)?.[1];
  if (!token) return "Auth header is not 'Bearer {token}'";
  return jwtVerify(token, secret, { algorithms: ['HS256'] }).then(
    () => undefined,
    () => 'Invalid JWT',
  );
}

function reply(
  outgoing: ServerResponse,
  status: number,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): void {
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    'access-control-allow-origin': '*',
    'access-control-allow-headers': 'authorization, x-client-info, apikey, content-type',
    ...headers,
  });
  outgoing.end(JSON.stringify(body));
}
