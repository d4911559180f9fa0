import { expect, it } from 'vitest';
import { CallWindow, hostedLimits, payloadTooLarge, RateWindow } from './limits.ts';

it('averages a burst over sixty seconds', () => {
  const window = new RateWindow(() => 1_000_000);
  window.add(600);
  expect(window.average()).toBe(10);
});

it('forgets a bucket once sixty seconds have passed', () => {
  let now = 0;
  const window = new RateWindow(() => now);
  window.add(60);
  now = 30_000;
  window.add(60);
  now = 59_999;
  expect(window.average()).toBe(2);
  now = 60_000;
  expect(window.average()).toBe(1);
  now = 90_000;
  expect(window.average()).toBe(0);
});

it('forgets everything after a long silence', () => {
  let now = 0;
  const window = new RateWindow(() => now);
  window.add(60);
  now = 10_000_000;
  expect(window.average()).toBe(0);
  window.add(60);
  expect(window.average()).toBe(1);
});

it('allows five presence calls in thirty seconds, counted from the first', () => {
  let now = 0;
  const window = new CallWindow(() => now, hostedLimits.presenceCalls, hostedLimits.presenceWindowMs);
  const taken = [1, 2, 3, 4, 5, 6].map(() => window.take());
  expect(taken).toEqual([true, true, true, true, true, false]);
  now = 30_000;
  expect(window.take()).toBe(false);
  now = 30_001;
  expect(window.take()).toBe(true);
});

it('grants a payload five hundred bytes over its kilobytes', () => {
  const limits = { ...hostedLimits, payloadKilobytes: 1 };
  expect(payloadTooLarge(limits, 1500)).toBe(false);
  expect(payloadTooLarge(limits, 1501)).toBe(true);
});
