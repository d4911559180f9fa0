import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { BreakableProxy } from './support/breakable-proxy.ts';
import { DemoStack } from './support/demo-stack.ts';

let demo: DemoStack;

beforeAll(async () => {
  demo = await DemoStack.start();
});
afterEach(() => demo.tidy());
afterAll(() => demo.stop());

const patience = { timeout: 20_000, interval: 25 };

/** Waits until the carrier has this many of our messages. */
async function carrierHas(count: number) {
  await vi.waitFor(async () => expect(await demo.carrierLog()).toHaveLength(count), patience);
}

async function becomes(messageId: string, status: string) {
  await vi.waitFor(async () => expect(await demo.statusOf(messageId)).toBe(status), patience);
}

/** The attempt is committed, so the carrier is being called or is about to be. */
async function submitting(messageId: string) {
  await vi.waitFor(async () => expect(await demo.attemptStates(messageId)).toEqual(['submitting']), patience);
}

describe('a message on its way', () => {
  it('reaches the carrier once, and its callbacks reach us', async () => {
    await demo.worker().ready();
    const id = await demo.send(0, 'one way trip');
    await becomes(id, 'delivered');
    expect(await demo.carrierLog()).toMatchObject([{ body: 'one way trip', status: 'delivered' }]);
    expect(await demo.attemptStates(id)).toEqual(['accepted']);
  });

  it('is told apart from its refusal, which the agent can read', async () => {
    await demo.control('PUT', 'faults', { rejectRate: 1, error: 21211 });
    await demo.worker().ready();
    const id = await demo.send(0, 'to nowhere');
    await becomes(id, 'failed');
    const [row] = await demo.sql`select error_code, error_text from public.messages where id = ${id}`;
    expect(row).toEqual({
      error_code: '21211',
      error_text: 'The phone number is not valid or not in service.',
    });
    expect(await demo.carrierLog()).toEqual([]);
  });

  it('waits out a carrier that is throttling, and goes once', async () => {
    await demo.control('PUT', 'faults', { rate429: 1 });
    await demo.worker().ready();
    const id = await demo.send(0, 'later, please');
    await vi.waitFor(async () => expect(await demo.attemptStates(id)).toContain('later'), patience);
    await demo.control('PUT', 'faults', {});
    await becomes(id, 'delivered');
    expect(await demo.carrierLog()).toHaveLength(1);
  });

  it('is unknown when the answer is lost, is settled by its callback and is never sent again', async () => {
    await demo.control('PUT', 'faults', { acceptThenDropRate: 1, callbackDelayMs: 1_000 });
    await demo.worker().ready();
    const id = await demo.send(0, 'answer lost');
    await becomes(id, 'unknown');
    await becomes(id, 'delivered');
    expect(await demo.attemptStates(id)).toEqual(['accepted']);
    expect(await demo.carrierLog()).toHaveLength(1);
  });

  it('stays, with an alarm, when its account has no credentials, and goes once they are there', async () => {
    const without = await demo.worker({ PROVIDER_CREDENTIALS: '{}' }).ready();
    const id = await demo.send(0, 'no credentials yet');
    await vi.waitFor(async () => expect(await demo.attemptStates(id)).toContain('later'), patience);
    expect(without.output).toContain('"alert":true');
    await without.end('SIGTERM');
    await demo.worker().ready();
    await becomes(id, 'delivered');
    expect(await demo.carrierLog()).toHaveLength(1);
  });
});

describe('a message whose reports are lost', () => {
  it('ends as the carrier says, once it is asked', async () => {
    await demo.control('PUT', 'faults', { callbackDropRate: 1 });
    const sender = await demo.worker().ready();
    const id = await demo.send(6, 'taken, and nothing more is heard');
    await becomes(id, 'sent');
    const carrierSays = async () => (await demo.carrierLog()).map(({ status }) => status);
    await vi.waitFor(async () => expect(await carrierSays()).toEqual(['delivered']), patience);
    expect(await demo.statusOf(id)).toBe('sent');
    await sender.end('SIGTERM');
    await demo.age(id, '20 minutes');
    await demo.worker().ready();
    await becomes(id, 'delivered');
    const events = await demo.sql`
      select provider_status, details from public.message_events
      where message_id = ${id} and details ->> 'source' = 'look_up'`;
    expect([...events]).toEqual([{ provider_status: 'delivered', details: { source: 'look_up' } }]);
    expect(await demo.carrierLog()).toHaveLength(1);
  });
});

describe('a worker that stops', () => {
  it('leaves what comes later to the next one, which sends each once and in order', async () => {
    const first = await demo.worker().ready();
    expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null });
    const bodies = ['one', 'two', 'three', 'four', 'five'];
    for (const body of bodies) await demo.send(1, body);
    expect(await demo.carrierLog()).toEqual([]);
    await demo.worker().ready();
    await carrierHas(5);
    expect((await demo.carrierLog()).map(({ body }) => body)).toEqual(bodies);
  });

  it('finishes what is on the wire first', async () => {
    await demo.control('PUT', 'faults', { latencyMs: 4_000 });
    const worker = await demo.worker().ready();
    const id = await demo.send(2, 'on the wire');
    await submitting(id);
    expect(await worker.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await demo.attemptStates(id)).toEqual(['accepted']);
    expect(await demo.carrierLog()).toHaveLength(1);
  });

  it('ends although the carrier never answers, and what was in the air is never sent again', async () => {
    await demo.control('PUT', 'faults', { timeoutRate: 1 });
    const worker = await demo.worker({ WORKER_DRAIN_SECONDS: '1' }).ready();
    const id = await demo.send(2, 'nobody answers');
    await submitting(id);
    expect(await worker.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(worker.output).toContain('drain took too long');
    expect(await demo.attemptStates(id)).toEqual(['unknown']);
    await demo.control('PUT', 'faults', {});
    await demo.worker().ready();
    await becomes(await demo.send(2, 'after the restart'), 'delivered');
    expect((await demo.carrierLog()).map(({ body }) => body)).toEqual(['after the restart']);
    expect(await demo.statusOf(id)).toBe('unknown');
  });

  it('sends nothing twice when it is killed in the middle', async () => {
    await demo.control('PUT', 'faults', { latencyMs: 15_000 });
    const worker = await demo.worker().ready();
    const ids = await Promise.all([3, 4, 5].map((thread) => demo.send(thread, `killed ${thread}`)));
    for (const id of ids) await submitting(id);
    expect(await worker.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    await demo.control('PUT', 'faults', {});
    await demo.worker().ready();
    // As if the leases had run out: nobody needs to wait half a minute for it.
    await demo.sql`update public.send_attempts set lease_expires_at = now() where state = 'submitting'`;
    await demo.sql`select worker.sweep()`;
    for (const id of ids) {
      await vi.waitFor(
        async () => expect(await demo.statusOf(id)).toMatch(/^(unknown|delivered)$/),
        patience,
      );
    }
    await becomes(await demo.send(3, 'after the crash'), 'delivered');
    const log = await demo.carrierLog();
    expect(new Set(log.map(({ body }) => body)).size).toBe(log.length);
    for (const id of ids) expect(await demo.attemptStates(id)).toHaveLength(1);
  });
});

describe('two workers at once', () => {
  it('send everything once, and every thread in order, past a carrier that throttles', async () => {
    await demo.control('PUT', 'faults', { latencyMs: 20, rate429: 0.05, seed: 7 });
    await Promise.all([demo.worker().ready(), demo.worker().ready()]);
    const threads = demo.threadIds.slice(0, 10).map((_, index) => index);
    const rounds = 12;
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(threads.map((thread) => demo.send(thread, `${thread}:${round}`)));
    }
    await vi.waitFor(async () => expect(await demo.carrierLog()).toHaveLength(threads.length * rounds), {
      timeout: 50_000,
      interval: 250,
    });
    const log = await demo.carrierLog();
    for (const thread of threads) {
      const mine = log.map(({ body }) => body).filter((body) => body.startsWith(`${thread}:`));
      expect(mine).toEqual(Array.from({ length: rounds }, (_, round) => `${thread}:${round}`));
    }
  });
});

describe('a worker whose database goes away', () => {
  it('says that it is not ready, comes back by itself and is notified as before', async () => {
    const url = new URL(demo.stack.workerDatabaseUrl);
    const proxy = new BreakableProxy({ host: url.hostname, port: Number(url.port) });
    await proxy.mend();
    url.port = String(proxy.port);
    // The poll is so rare that only a notification can be in time.
    const worker = await demo
      .worker({ WORKER_DATABASE_URL: url.href, WORKER_POLL_INTERVAL_MS: '60000' })
      .ready();
    await worker.asleep();
    await proxy.cut();
    await vi.waitFor(async () => expect(await worker.readiness()).toBe(503), patience);
    const during = await demo.send(7, 'written during the outage');
    await proxy.mend();
    await vi.waitFor(async () => expect(await worker.readiness()).toBe(200), patience);
    await becomes(during, 'delivered');
    await becomes(await demo.send(7, 'written after it'), 'delivered');
    await worker.end('SIGTERM');
    await proxy.cut();
    expect((await demo.carrierLog()).map(({ body }) => body)).toEqual([
      'written during the outage',
      'written after it',
    ]);
  });
});

describe('a worker whose connections have died without a word', () => {
  it('does not wait for them for ever, and is notified over new ones', async () => {
    const url = new URL(demo.stack.workerDatabaseUrl);
    const proxy = new BreakableProxy({ host: url.hostname, port: Number(url.port) });
    await proxy.mend();
    url.port = String(proxy.port);
    const environment = {
      WORKER_DATABASE_URL: url.href,
      WORKER_DATABASE_TIMEOUT_MS: '1000',
      WORKER_POLL_INTERVAL_MS: '2000',
    };
    const worker = await demo.worker(environment).ready();
    await worker.asleep();
    proxy.silence();
    await becomes(await demo.send(7, 'to a deaf worker'), 'delivered');
    expect(worker.output).toContain('connecting anew');
    await vi.waitFor(() => expect(worker.output.match(/listening for jobs/g)).toHaveLength(2), patience);
    expect(await worker.readiness()).toBe(200);
    expect(await demo.carrierLog()).toHaveLength(1);
    await worker.end('SIGTERM');
    await proxy.cut();
  });
});

describe('a picture from a customer', () => {
  it('is copied into the private bucket, where its members can fetch it', async () => {
    await demo.worker().ready();
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    const from = '+13125550142';
    await demo.control('POST', 'inbound', {
      from,
      to: demo.stack.organization.phoneNumber,
      body: 'see this',
      mediaUrls: [`data:image/png;base64,${png.toString('base64')}`],
    });
    const stored = async () => {
      const [row] = await demo.sql`
        select d.status, d.storage_path, d.content_type, d.organization_id, d.message_id
        from public.message_media d join public.messages m on m.id = d.message_id
        where m.body = 'see this'`;
      expect(row).toMatchObject({ status: 'stored', content_type: 'image/png' });
      return row;
    };
    const row = await vi.waitFor(stored, patience);
    expect(row?.['storage_path']).toBe(
      `${String(row?.['organization_id'])}/${String(row?.['message_id'])}/0.png`,
    );
    const { apiUrl, secretKey } = demo.stack;
    const path = `${apiUrl}/storage/v1/object/message-media/${String(row?.['storage_path'])}`;
    const response = await fetch(path, {
      headers: { apikey: secretKey, authorization: `Bearer ${secretKey}` },
    });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(png);
    expect(
      (await fetch(`${apiUrl}/storage/v1/object/public/message-media/${String(row?.['storage_path'])}`)).ok,
    ).toBe(false);
  });
});
