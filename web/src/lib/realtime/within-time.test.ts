import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withinTime } from './within-time.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('hands on what comes in time, good or bad, and leaves no timer', async () => {
  await expect(withinTime(100, () => Promise.resolve('here'))).resolves.toBe('here');
  await expect(withinTime(100, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(vi.getTimerCount()).toBe(0);
});

test('gives up what does not come, and tells it so', async () => {
  let isTold = false;
  const late = withinTime(100, (signal) => {
    signal.addEventListener('abort', () => (isTold = true));
    return new Promise(() => undefined);
  });
  const outcome = expect(late).rejects.toThrow('aborted');
  await vi.advanceTimersByTimeAsync(99);
  expect(isTold).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await outcome;
  expect(isTold).toBe(true);
});
