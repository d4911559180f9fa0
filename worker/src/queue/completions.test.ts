import { describe, expect, it, vi } from 'vitest';
import { FakeQueue, gate, silentLog } from '../testing/fakes.ts';
import { Completions } from './completions.ts';
import type { AttemptOutcome } from './outcome.ts';

function outcome(attemptId: string): AttemptOutcome {
  return { attempt_id: attemptId, outcome: 'accepted' };
}

function setUp(options: { batchSize?: number; lingerMs?: number } = {}) {
  const queue = new FakeQueue();
  const written: number[] = [];
  const completions = new Completions({
    queue,
    batchSize: options.batchSize ?? 100,
    lingerMs: options.lingerMs ?? 60_000,
    log: silentLog,
    onWritten: (outcomes) => written.push(outcomes.length),
    onFailure: () => undefined,
  });
  return { queue, completions, written };
}

const inTime = () => AbortSignal.timeout(5_000);

/** As the driver reports what the database refuses. */
function refusal(): Error {
  return Object.assign(new Error('refused'), { name: 'PostgresError', code: '22P02' });
}

describe('completions', () => {
  it('writes at once what has nobody to wait for', async () => {
    const { queue, completions } = setUp();
    completions.add(outcome('a'), true);
    await vi.waitFor(() => expect(queue.batches).toEqual([1]));
  });

  it('writes a full batch at once, and together', async () => {
    const { queue, completions } = setUp({ batchSize: 3 });
    for (const id of ['a', 'b', 'c']) completions.add(outcome(id), false);
    await vi.waitFor(() => expect(queue.batches).toEqual([3]));
  });

  it('writes a batch that does not fill after a short while', async () => {
    const { queue, completions } = setUp({ lingerMs: 5 });
    for (const id of ['a', 'b']) completions.add(outcome(id), false);
    expect(queue.batches).toEqual([]);
    await vi.waitFor(() => expect(queue.batches).toEqual([2]));
  });

  it('gathers what arrives while a batch is being written', async () => {
    const { queue, completions } = setUp({ batchSize: 10 });
    const writing = gate();
    const complete = queue.complete.bind(queue);
    queue.complete = async (outcomes) => {
      await writing.opened;
      return complete(outcomes);
    };
    completions.add(outcome('a'), true);
    for (let index = 0; index < 25; index += 1) completions.add(outcome(`later-${index}`), true);
    expect(completions.pending).toBe(26);
    writing.open();
    await completions.flush(inTime());
    expect(queue.batches).toEqual([1, 10, 10, 5]);
    expect(completions.pending).toBe(0);
  });

  it('keeps an outcome until the database takes it, and tells only then', async () => {
    const { queue, completions, written } = setUp();
    queue.failures.complete = [new Error('gone'), new Error('gone')];
    completions.add(outcome('a'), true);
    await vi.waitFor(() => expect(queue.calls).toHaveLength(1));
    expect(completions.pendingAttemptIds).toEqual(['a']);
    await completions.flush(inTime());
    expect(queue.completed).toEqual([outcome('a')]);
    expect(written).toEqual([1]);
  });

  it('does not let one outcome the database refuses keep the others out', async () => {
    const { queue, completions } = setUp({ batchSize: 3 });
    const complete = queue.complete.bind(queue);
    queue.complete = async (outcomes) => {
      if (outcomes.some((item) => item.attempt_id === 'bad')) throw refusal();
      return complete(outcomes);
    };
    for (const id of ['a', 'bad', 'b']) completions.add(outcome(id), false);
    await completions.flush(AbortSignal.timeout(30_000));
    expect(queue.completed.map((item) => item.attempt_id)).toEqual(['a', 'b']);
  }, 30_000);

  it('stops waiting when told to, with the rest still known', async () => {
    const { queue, completions } = setUp();
    queue.complete = async () => {
      throw new Error('gone');
    };
    completions.add(outcome('a'), true);
    await completions.flush(AbortSignal.timeout(20));
    expect(completions.pendingAttemptIds).toEqual(['a']);
  });
});
