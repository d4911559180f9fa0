import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pollWhileVisible } from './poll.ts';

const interval = 1_000;
/** Stands in for the browser's page: seen or not, and told when that changes. */
const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });

beforeEach(() => {
  vi.useFakeTimers();
  page.visibilityState = 'visible';
  vi.stubGlobal('document', page);
  vi.stubGlobal('window', new EventTarget());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('looks at once and then at every interval', async () => {
  const look = vi.fn(() => Promise.resolve());
  const stop = pollWhileVisible(look, interval);
  await vi.advanceTimersByTimeAsync(2 * interval);
  expect(look).toHaveBeenCalledTimes(3);
  stop();
  await vi.advanceTimersByTimeAsync(5 * interval);
  expect(look).toHaveBeenCalledTimes(3);
});

test('rests while nobody can see the page, and looks at once on its return', async () => {
  const look = vi.fn(() => Promise.resolve());
  const stop = pollWhileVisible(look, interval);
  page.visibilityState = 'hidden';
  await vi.advanceTimersByTimeAsync(5 * interval);
  expect(look).toHaveBeenCalledTimes(1);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(look).toHaveBeenCalledTimes(2);
  stop();
});

test('never looks twice at a time, and rests the longer after a look that took long', async () => {
  let finish: () => void = () => undefined;
  const look = vi.fn(() => new Promise<void>((settle) => (finish = settle)));
  const stop = pollWhileVisible(look, interval);
  window.dispatchEvent(new Event('online'));
  await vi.advanceTimersByTimeAsync(5 * interval);
  expect(look).toHaveBeenCalledTimes(1);
  finish();
  await vi.advanceTimersByTimeAsync(49 * interval);
  expect(look).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(interval);
  expect(look).toHaveBeenCalledTimes(2);
  stop();
});

test('does not go on after it was stopped in the middle of a look', async () => {
  let finish: () => void = () => undefined;
  const look = vi.fn(() => new Promise<void>((settle) => (finish = settle)));
  pollWhileVisible(look, interval)();
  finish();
  await vi.advanceTimersByTimeAsync(5 * interval);
  expect(look).toHaveBeenCalledTimes(1);
});
