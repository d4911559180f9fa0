import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { Readiness } from './readiness.ts';

export interface HealthServer {
  /** Where it listens, which matters when the port was left open. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves /healthz (the process runs), /readyz (it can do its work; 503 with the reason when not) and /metrics
 * (Prometheus text). @throws when the port is taken
 */
export async function startHealthServer(options: {
  host: string;
  port: number;
  readiness: Readiness;
  registry: Registry;
}): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://worker');
    const { problem } = options.readiness;
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, 'GET only');
    else if (pathname === '/healthz') answer(response, 200, 'ok');
    else if (pathname === '/readyz') answer(response, problem === null ? 200 : 503, problem ?? 'ok');
    else if (pathname === '/metrics') void serveMetrics(response, options.registry);
    else answer(response, 404, 'not found');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serveMetrics(response: ServerResponse, registry: Registry): Promise<void> {
  try {
    const text = await registry.metrics();
    response.writeHead(200, { 'content-type': registry.contentType }).end(text);
  } catch {
    answer(response, 500, 'metrics not available');
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
