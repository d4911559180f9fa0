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
    const sweepCalls = queue.calls.filter((call) => call === 'sweep');
    expect(sweepCalls.length).toBeGreaterThanOrEqual(8);
    expect(swept).toHaveLength(sweepCalls.length - 1);
    await sweeps.stop();
  });

  it('act again on every carrier event that is due', async () => {
    const { queue, sweeps } = setUp();
    queue.eventsDue = 3;
    await vi.advanceTimersByTimeAsync(1_500);
    await sweeps.stop();
    expect(queue.eventsDue).toBe(0);
  });

  it('are not kept waiting by a flood of carrier events', async () => {
    const { queue, sweeps } = setUp();
    queue.eventsDue = 250;
    await vi.advanceTimersByTimeAsync(10_000);
    await sweeps.stop();
    expect(queue.eventsDue).toBe(0);
    expect(queue.calls.indexOf('sweep', 1)).toBe(101);
  });

  it('end when stopped', async () => {
    const { queue, sweeps } = setUp();
    await sweeps.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(queue.calls).toEqual([]);
  });
});
