import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atMostEvery } from './at-most-every.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('work that is asked for in bursts', () => {
  it('is done at once, and once more when asked again meanwhile', () => {
    const work = vi.fn();
    const { call } = atMostEvery(1_000, work);
    call();
    expect(work).toHaveBeenCalledTimes(1);
    for (let time = 0; time < 5; time += 1) call();
    vi.advanceTimersByTime(999);
    expect(work).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(work).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(5_000);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('is done once per interval while the calls go on', () => {
    const work = vi.fn();
    const { call } = atMostEvery(1_000, work);
    for (let time = 0; time < 50; time += 1) {
      call();
      vi.advanceTimersByTime(100);
    }
    expect(work).toHaveBeenCalledTimes(6);
  });

  it('is not done any more once stopped', () => {
    const work = vi.fn();
    const { call, stop } = atMostEvery(1_000, work);
    call();
    call();
    stop();
    vi.advanceTimersByTime(5_000);
    expect(work).toHaveBeenCalledTimes(1);
  });
});
