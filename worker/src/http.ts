import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { ConfigProblem } from './config.ts';
import type { Readiness } from './readiness.ts';

export interface HealthServer {
  /** Where it listens, which matters when the port was left open. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves /healthz (the process runs), /readyz (it can do its work; 503 with the reason when not) and /metrics
 * (Prometheus text). @throws ConfigProblem when it cannot listen there
 */
export async function startHealthServer(options: {
  host: string;
  port: number;
  readiness: Readiness;
  registry: Registry;
}): Promise<HealthServer> {
  const server = createServer((request, response) => {
    // Not read as a URL: whoever asks for `//` must not end a worker.
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const { problem } = options.readiness;
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, 'GET only');
    else if (path === '/healthz') answer(response, 200, 'ok');
    else if (path === '/readyz') answer(response, problem === null ? 200 : 503, problem ?? 'ok');
    else if (path === '/metrics') void serveMetrics(response, options.registry);
    else answer(response, 404, 'not found');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(options.host, options.port, error)));
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

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException): ConfigProblem {
  const why = error.code === 'EADDRINUSE' ? 'another program listens there' : (error.code ?? error.message);
  return new ConfigProblem(
    `The worker cannot start:\n  It cannot listen on ${host}:${port} (${why}). WORKER_HTTP_HOST and WORKER_HTTP_PORT say where.`,
  );
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
