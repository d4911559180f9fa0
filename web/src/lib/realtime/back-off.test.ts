import { expect, test } from 'vitest';
import { BackOff } from './back-off.ts';

test('waits longer after every attempt, up to ten seconds', () => {
  const backOff = new BackOff(() => 0.5);
  expect(Array.from({ length: 6 }, () => backOff.nextDelay())).toEqual([
    500, 1000, 2000, 5000, 10_000, 10_000,
  ]);
});

test('begins again after success', () => {
  const backOff = new BackOff(() => 0.5);
  backOff.nextDelay();
  backOff.nextDelay();
  backOff.reset();
  expect(backOff.nextDelay()).toBe(500);
});

test('never lets two browsers wait exactly as long', () => {
  expect(new BackOff(() => 0).nextDelay()).toBe(375);
  expect(new BackOff(() => 1).nextDelay()).toBe(625);
});
