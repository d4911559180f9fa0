import { afterEach, describe, expect, it } from 'vitest';
import { WorkerProcess } from './support/worker-process.ts';

const started: WorkerProcess[] = [];

afterEach(async () => {
  for (const worker of started.splice(0)) if (worker.isRunning) await worker.end('SIGKILL');
});

/** A worker whose database is not there. */
function startAlone(): WorkerProcess {
  const worker = new WorkerProcess({
    WORKER_DATABASE_URL: 'postgres://threadline_worker:secret-password@127.0.0.1:1/postgres',
    SUPABASE_URL: 'http://127.0.0.1:1',
    SUPABASE_SECRET_KEY: 'sb_secret_for_this_test',
    PUBLIC_WEBHOOK_BASE: 'http://127.0.0.1:1/functions/v1',
    PROVIDER_CREDENTIALS: '{}',
  });
  started.push(worker);
  return worker;
}

describe('a worker without its database', () => {
  it('runs, says that it is not ready, and stops when asked', async () => {
    const worker = startAlone();
    const url = await worker.healthUrl();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await worker.readiness()).toBe(503);
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
    expect(await worker.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(worker.output).toContain('"msg":"stopped"');
  });

  it('logs no secret', async () => {
    const worker = startAlone();
    await worker.healthUrl();
    await worker.end('SIGINT');
    expect(worker.output).not.toMatch(/secret-password|sb_secret_for_this_test/);
    for (const line of worker.output.trim().split('\n'))
      expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
});
