import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeQueue, silentLog } from '../testing/fakes.ts';
import { createSweeps } from './sweeps.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const queue = new FakeQueue();
  const swept: number[] = [];
  const onSwept = (counts: { attempts_lost: number }) => void swept.push(counts.attempts_lost);
  const sweeps = createSweeps({ queue, everyMs: 1_000, log: silentLog, onSwept });
  sweeps.start();
  return { queue, swept, sweeps };
}

describe('sweeps', () => {
  it('come again and again, also after one that failed', async () => {
    const { queue, swept, sweeps } = setUp();
    queue.failures.sweep = [new Error('gone')];
    await vi.advanceTimersByTimeAsync(10_000);
    expect(queue.calls.length).toBeGreaterThanOrEqual(8);
    expect(swept).toHaveLength(queue.calls.length - 1);
    await sweeps.stop();
  });

  it('end when stopped', async () => {
    const { queue, sweeps } = setUp();
    await sweeps.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(queue.calls).toEqual([]);
  });
});
