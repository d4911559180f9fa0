import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigProblem } from './config.ts';
import { startHealthServer } from './http.ts';
import type { HealthServer } from './http.ts';
import { createMetrics, recordOutcome, recordPickup } from './metrics.ts';
import { Readiness } from './readiness.ts';
import { FakeQueue, sampleJob } from './testing/fakes.ts';

const open: HealthServer[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function setUp() {
  const queue = new FakeQueue();
  const readiness = new Readiness(60_000);
  const metrics = createMetrics(queue);
  const server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    readiness,
    registry: metrics.registry,
  });
  open.push(server);
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return { status: response.status, text: await response.text() };
  };
  // As it is given: fetch would make an address of it.
  const askFor = async (path: string) => {
    const asking = request({ host: '127.0.0.1', port: server.port, path, agent: false });
    const [response] = (await once(asking.end(), 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  return { queue, readiness, metrics, get, askFor, port: server.port };
}

describe('the health server', () => {
  it('says that it is alive whatever the database does', async () => {
    const { get } = await setUp();
    expect((await get('/healthz')).status).toBe(200);
  });

  it.each(['//', '//[', '/healthz/', '/%', '/nothing?path=/healthz'])(
    'has nothing at %s, and lives on',
    async (path) => {
      const { get, askFor } = await setUp();
      expect(await askFor(path)).toBe(404);
      expect((await get('/healthz?of=this')).status).toBe(200);
    },
  );

  it('says where it cannot listen, as a sentence', async () => {
    const { port, metrics, readiness } = await setUp();
    const second = startHealthServer({ host: '127.0.0.1', port, readiness, registry: metrics.registry });
    await expect(second).rejects.toThrow(ConfigProblem);
    await expect(second).rejects.toThrow(`127.0.0.1:${port} (another program listens there)`);
  });

  it('is ready once the database answered, not while it is away, and not while stopping', async () => {
    const { get, readiness } = await setUp();
    expect(await get('/readyz')).toEqual({ status: 503, text: 'database not reachable\n' });
    readiness.databaseAnswered();
    expect((await get('/readyz')).status).toBe(200);
    readiness.databaseFailed();
    expect((await get('/readyz')).status).toBe(503);
    readiness.databaseAnswered();
    readiness.stopping();
    expect(await get('/readyz')).toEqual({ status: 503, text: 'stopping\n' });
  });

  it('is not ready when it has not looked for too long', async () => {
    const readiness = new Readiness(-1);
    readiness.databaseAnswered();
    expect(readiness.problem).toBe('no look at the queue lately');
  });

  it('shows what was counted, with the depth of the queues as it is now', async () => {
    const { get, metrics, queue } = await setUp();
    metrics.claimed.inc({ queue: 'sms_queue' }, 3);
    recordOutcome(metrics, {
      attempt_id: 'a',
      outcome: 'later',
      error_class: 'retryable',
      error_message: 'throttled',
    });
    recordPickup(metrics, sampleJob());
    recordPickup(metrics, sampleJob({ retry_count: 1 }));
    const state = await queue.engineState();
    const queues = [{ queue: 'sms_queue', length: 7, oldest_age_seconds: 12 }];
    queue.engineState = async () => ({ ...state, queues });
    const { text } = await get('/metrics');
    expect(text).toContain('threadline_worker_claimed_total{queue="sms_queue"} 3');
    expect(text).toContain('outcomes_total{outcome="later",class="retryable",error="throttled"} 1');
    expect(text).toContain('threadline_worker_due_to_call_seconds_count 1');
    expect(text).toContain('threadline_queue_length{queue="sms_queue"} 7');
    expect(text).toContain('threadline_queue_oldest_age_seconds{queue="sms_queue"} 12');
  });

  it('shows metrics while the database is away', async () => {
    const { get, queue } = await setUp();
    queue.failures.engineState = [new Error('gone')];
    expect((await get('/metrics')).status).toBe(200);
  });

  it('knows no other page and no other method', async () => {
    const { get } = await setUp();
    expect((await get('/secrets')).status).toBe(404);
    expect((await get('/metrics', 'POST')).status).toBe(405);
  });
});
