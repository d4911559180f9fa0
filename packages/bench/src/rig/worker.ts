import { join, resolve } from 'node:path';
import type { Child } from '@threadline/local-stack/child';
import type { ChildHost } from '@threadline/local-stack/child-host';
import { freePort } from './free-port.ts';
import { waitUntil } from './wait-until.ts';

/** The worker is not a package to import but a program to run, as in production. */
const entry = join(resolve(import.meta.dirname, '../../../..'), 'worker/src/main.ts');

export type WorkerEnvironment = {
  WORKER_DATABASE_URL: string;
  SUPABASE_URL: string;
  SUPABASE_SECRET_KEY: string;
  PUBLIC_WEBHOOK_BASE: string;
  PROVIDER_CREDENTIALS: string;
} & Partial<
  Record<
    | 'WORKER_CONCURRENCY'
    | 'WORKER_BATCH_SIZE'
    | 'WORKER_POLL_INTERVAL_MS'
    | 'LOG_LEVEL'
    | 'NODE_OPTIONS'
    | 'SKEW_MS',
    string
  >
>;

export type RunningWorker = { child: Child; url: string; ready(): Promise<void> };

/** Starts a real worker process; `ready` resolves when its database has answered. */
export async function startWorker(
  host: ChildHost,
  name: string,
  environment: WorkerEnvironment,
): Promise<RunningWorker> {
  const port = await freePort();
  const child = await host.spawn({
    name,
    command: process.execPath,
    args: ['--max-semi-space-size=8', entry],
    cwd: '/',
    env: { ...environment, WORKER_HTTP_HOST: '127.0.0.1', WORKER_HTTP_PORT: String(port) },
  });
  const url = `http://127.0.0.1:${port}`;
  const isReady = async (): Promise<true | null> => {
    if (!child.running()) throw new Error([`${name} ended:`, ...(await child.lastLines(10))].join('\n'));
    return fetch(`${url}/readyz`).then(
      (response) => (response.ok ? true : null),
      () => null,
    );
  };
  const ready = async (): Promise<void> => {
    await waitUntil(isReady, { timeoutMs: 30_000, everyMs: 20, what: name });
  };
  return { child, url, ready };
}
