import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeQueue, gate, sampleJob, silentLog } from '../testing/fakes.ts';
import { Completions } from './completions.ts';
import { Consumer } from './consumer.ts';
import type { ConsumerOptions, Task } from './consumer.ts';
import { HeldAttempts } from './held-attempts.ts';
import { Releases } from './releases.ts';

const accept: Task = async (job) => ({
  kind: 'settled',
  outcome: { attempt_id: job.attempt_id, outcome: 'accepted', provider_message_id: `sid-${job.attempt_id}` },
});

const started: Consumer[] = [];

afterEach(async () => {
  for (const consumer of started.splice(0)) {
    const stopped = consumer.stopClaiming();
    await consumer.abort();
    await stopped;
    await consumer.finish(100);
  }
});

function setUp(changes: Partial<ConsumerOptions> = {}) {
  const queue = new FakeQueue();
  const held = new HeldAttempts();
  const seen = { asleep: [] as boolean[], failures: 0, restless: 0 };
  const completions = new Completions({
    queue,
    batchSize: 100,
    lingerMs: 1,
    log: silentLog,
    onWritten: (outcomes) => {
      for (const outcome of outcomes) held.delete(outcome.attempt_id);
      consumer.look();
    },
    onFailure: () => undefined,
  });
  const releases = new Releases({
    queue,
    log: silentLog,
    onReleased: (ids) => ids.forEach((id) => held.delete(id)),
  });
  const consumer: Consumer = new Consumer({
    queue,
    completions,
    releases,
    held,
    task: accept,
    concurrency: 10,
    batchSize: 100,
    leaseSeconds: 30,
    // Longer than any test: what wakes the consumer is not the poll, unless a test says so.
    pollIntervalMs: 60_000,
    log: silentLog,
    observer: {
      claimed: () => undefined,
      looked: () => undefined,
      lookFailed: () => (seen.failures += 1),
      asleep: (isAsleep) => seen.asleep.push(isAsleep),
      restless: () => (seen.restless += 1),
    },
    ...changes,
  });
  queue.notify = () => consumer.look();
  started.push(consumer);
  return { queue, consumer, held, seen };
}

/** A task that waits to be let go, or to be aborted. */
function heldTask() {
  const held: { attemptId: string; open: () => void }[] = [];
  const task: Task = async (job, signal) => {
    const { opened, open } = gate();
    held.push({ attemptId: job.attempt_id, open });
    const aborted = new Promise<'aborted'>((resolve) =>
      signal.addEventListener('abort', () => resolve('aborted')),
    );
    if ((await Promise.race([opened, aborted])) === 'aborted') {
      return { kind: 'settled', outcome: { attempt_id: job.attempt_id, outcome: 'unknown' } };
    }
    return accept(job, signal);
  };
  return { task, held };
}

const asleep = (queue: FakeQueue) => vi.waitFor(() => expect(queue.isAsleep).toBe(true));

describe('a consumer at work', () => {
  it('completes every job it claims, each once', async () => {
    const { queue, consumer } = setUp();
    const jobs = Array.from({ length: 57 }, () => sampleJob());
    queue.enqueue(...jobs);
    consumer.start();
    await vi.waitFor(() => expect(queue.completed).toHaveLength(57));
    expect(new Set(queue.completed.map((outcome) => outcome.attempt_id)).size).toBe(57);
  });

  it('never has more in flight than it may', async () => {
    let inFlight = 0;
    let most = 0;
    const task: Task = async (job, signal) => {
      most = Math.max(most, (inFlight += 1));
      await new Promise((resolve) => setTimeout(resolve, 1));
      inFlight -= 1;
      return accept(job, signal);
    };
    const { queue, consumer } = setUp({ concurrency: 3, task });
    queue.enqueue(...Array.from({ length: 20 }, () => sampleJob()));
    consumer.start();
    await vi.waitFor(() => expect(queue.completed).toHaveLength(20));
    expect(most).toBe(3);
  });

  it('fills a free place without waiting for the slowest of the batch', async () => {
    const { task, held } = heldTask();
    const { queue, consumer } = setUp({ task, concurrency: 2 });
    queue.enqueue(sampleJob(), sampleJob(), sampleJob());
    consumer.start();
    await vi.waitFor(() => expect(held).toHaveLength(2));
    held[0]?.open();
    await vi.waitFor(() => expect(held).toHaveLength(3));
    expect(queue.completed).toHaveLength(1);
  });

  it('claims while others are still being sent', async () => {
    const { task, held } = heldTask();
    const { queue, consumer } = setUp({ task });
    queue.enqueue(sampleJob());
    consumer.start();
    await asleep(queue);
    queue.enqueue(sampleJob());
    await vi.waitFor(() => expect(held).toHaveLength(2));
  });

  it('calls an outcome unknown when a task throws, and goes on', async () => {
    let calls = 0;
    const task: Task = async (job, signal) => {
      calls += 1;
      if (calls === 1) throw new Error('nobody foresaw this');
      return accept(job, signal);
    };
    const { queue, consumer } = setUp({ task });
    queue.enqueue(sampleJob(), sampleJob());
    consumer.start();
    await vi.waitFor(() => expect(queue.completed).toHaveLength(2));
    expect(queue.completed.map((outcome) => outcome.outcome).sort()).toEqual(['accepted', 'unknown']);
  });

  it('prolongs the lease of what is in flight', async () => {
    const { task, held } = heldTask();
    const { queue, consumer } = setUp({ task, leaseSeconds: 0.03 });
    const job = sampleJob();
    queue.enqueue(job);
    consumer.start();
    await vi.waitFor(() => expect(queue.extended).toContain(job.attempt_id));
    held[0]?.open();
  });
});

describe('a consumer with nothing to do', () => {
  it('asks to be notified and then leaves the database alone', async () => {
    const { queue, consumer, seen } = setUp();
    consumer.start();
    await vi.waitFor(() => expect(seen.asleep).toEqual([true]));
    const calls = queue.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(queue.calls).toHaveLength(calls);
  });

  it('is woken by a notification', async () => {
    const { queue, consumer } = setUp();
    consumer.start();
    await asleep(queue);
    queue.enqueue(sampleJob());
    await vi.waitFor(() => expect(queue.completed).toHaveLength(1));
  });

  it('finds by its poll what nobody notified it of', async () => {
    const { queue, consumer, seen } = setUp({ pollIntervalMs: 20 });
    consumer.start();
    await vi.waitFor(() => expect(seen.asleep).toContain(true));
    queue.waiting.push(sampleJob());
    await vi.waitFor(() => expect(queue.completed).toHaveLength(1));
  });

  it('wakes by itself when something falls due', async () => {
    const { queue, consumer } = setUp();
    const dueSoon = sampleJob();
    queue.nextDueMs = async () => {
      setTimeout(() => queue.waiting.push(dueSoon), 20);
      return 60;
    };
    consumer.start();
    await vi.waitFor(() => expect(queue.completed).toHaveLength(1));
  });

  it('goes by the database’s clock, whatever its own says', async () => {
    const real = Date.now;
    Date.now = () => real() - 10 * 60_000;
    try {
      const { queue, consumer } = setUp();
      const dueSoon = sampleJob();
      queue.nextDueMs = async () => {
        setTimeout(() => queue.waiting.push(dueSoon), 20);
        return 60;
      };
      consumer.start();
      await vi.waitFor(() => expect(queue.completed).toHaveLength(1));
    } finally {
      Date.now = real;
    }
  });

  it('looks again when falling asleep is refused, and says so', async () => {
    const { queue, consumer, seen } = setUp();
    let refusals = 3;
    queue.fallAsleep = async () => {
      refusals -= 1;
      if (refusals === 0) queue.waiting.push(sampleJob());
      return refusals < 0;
    };
    consumer.start();
    await vi.waitFor(() => expect(queue.completed).toHaveLength(1));
    expect(seen.restless).toBeGreaterThanOrEqual(3);
  });

  it('spares producers the notification while work comes in quickly', async () => {
    const { queue, consumer } = setUp();
    consumer.start();
    await asleep(queue);
    const producer = setInterval(() => queue.enqueue(sampleJob()), 2);
    await vi.waitFor(() => expect(queue.calls).toContain('wakeUp'));
    clearInterval(producer);
    await asleep(queue);
  });
});

describe('a consumer whose database goes away', () => {
  it('says so, tries again and carries on', async () => {
    const { queue, consumer, seen } = setUp();
    queue.failures.claim = [new Error('gone'), new Error('gone')];
    queue.enqueue(sampleJob());
    consumer.start();
    await vi.waitFor(() => expect(queue.completed).toHaveLength(1));
    expect(seen.failures).toBe(2);
  });

  it('gives back what a lost answer handed out, and nothing that it holds', async () => {
    const { task, held: open } = heldTask();
    const { queue, consumer } = setUp({ task });
    const job = sampleJob();
    queue.enqueue(job);
    consumer.start();
    await vi.waitFor(() => expect(open).toHaveLength(1));
    await asleep(queue);
    queue.failures.claim = [new Error('gone')];
    consumer.look();
    await vi.waitFor(() => expect(queue.heldWhenAsked).toEqual([[job.attempt_id]]));
    open[0]?.open();
  });

  it('survives while falling asleep', async () => {
    const { queue, consumer } = setUp();
    queue.failures.fallAsleep = [new Error('gone')];
    consumer.start();
    await asleep(queue);
  });
});

describe('stopping a consumer', () => {
  it('claims nothing more, gives back what waits and lets what is in flight finish', async () => {
    const { task, held } = heldTask();
    const { queue, consumer } = setUp({ task, concurrency: 1 });
    const ready = sampleJob();
    queue.enqueue(sampleJob(), ready, sampleJob());
    consumer.start();
    await vi.waitFor(() => expect(held).toHaveLength(1));
    const stopped = consumer.stopClaiming();
    held[0]?.open();
    expect(await consumer.drain(5_000)).toBe(true);
    await stopped;
    await consumer.finish(1_000);
    expect(queue.completed).toMatchObject([{ outcome: 'accepted' }]);
    expect(queue.released).toEqual([ready.attempt_id]);
    expect(queue.waiting).toHaveLength(1);
  });

  it('breaks off what does not finish in time and calls it unknown', async () => {
    const { task, held } = heldTask();
    const { queue, consumer } = setUp({ task });
    queue.enqueue(sampleJob());
    consumer.start();
    await vi.waitFor(() => expect(held).toHaveLength(1));
    await consumer.stopClaiming();
    expect(await consumer.drain(10)).toBe(false);
    await consumer.abort();
    await consumer.finish(1_000);
    expect(queue.completed).toMatchObject([{ outcome: 'unknown' }]);
  });

  it('gives back what a task never submitted', async () => {
    const task: Task = async (job) => ({ kind: 'released', attemptId: job.attempt_id });
    const { queue, consumer } = setUp({ task });
    const job = sampleJob();
    queue.enqueue(job);
    consumer.start();
    queue.failures.release = [new Error('gone')];
    await vi.waitFor(() => expect(queue.calls.filter((call) => call === 'claim').length).toBeGreaterThan(1));
    await consumer.stopClaiming();
    await consumer.finish(5_000);
    expect(queue.released).toEqual([job.attempt_id]);
    expect(queue.completed).toEqual([]);
  });

  it('gives back what a claim brings that was under way, without beginning it', async () => {
    const began: string[] = [];
    const task: Task = async (job, signal) => {
      began.push(job.job_id);
      return accept(job, signal);
    };
    const { queue, consumer } = setUp({ task });
    const claim = gate();
    queue.claimGate = claim.opened;
    const job = sampleJob();
    queue.enqueue(job);
    consumer.start();
    await vi.waitFor(() => expect(queue.calls).toContain('claim'));
    const stopped = consumer.stopClaiming();
    claim.open();
    await stopped;
    await consumer.finish(1_000);
    expect({ began, released: queue.released }).toEqual({ began: [], released: [job.attempt_id] });
  });

  it('takes its request for notifications back', async () => {
    const { queue, consumer } = setUp();
    consumer.start();
    await asleep(queue);
    await consumer.stopClaiming();
    expect(queue.isAsleep).toBe(false);
  });

  it('does not hang when the database is gone for good', async () => {
    const { queue, consumer } = setUp();
    queue.enqueue(sampleJob());
    queue.complete = async () => {
      throw new Error('gone');
    };
    consumer.start();
    await asleep(queue);
    await consumer.stopClaiming();
    await consumer.finish(50);
    expect(queue.completed).toEqual([]);
  });
});
