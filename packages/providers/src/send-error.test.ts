import { describe, expect, it } from 'vitest';
import { reportRetry, sendErrorFacts, sendErrors } from './send-error.ts';
import type { SendErrorCode } from './send-error.ts';

function isCode(name: string): name is SendErrorCode {
  return Object.hasOwn(sendErrors, name);
}

const entries = Object.keys(sendErrors)
  .filter(isCode)
  .map((code) => ({ code, facts: sendErrorFacts(code) }));

describe('send errors', () => {
  it.each(entries)('$code tells the agent something in a sentence', ({ facts }) => {
    expect(facts.userText).toMatch(/^[A-Z].*\.$/);
  });

  it.each(entries)('$code: an opt-out or a permanent refusal is never tried again', ({ facts }) => {
    if (facts.class === 'permanent' || facts.class === 'opted_out') expect(facts.retryable).toBe(false);
    if (facts.class === 'retryable') expect(facts.retryable).toBe(true);
  });

  it.each(entries)('$code: whatever is put off is also retryable', ({ facts }) => {
    if (facts.later) expect(facts.retryable).toBe(true);
  });

  it.each(entries)('$code: trouble with the account raises the alarm, and only that', ({ facts }) => {
    expect(facts.alert).toBe(facts.class === 'account');
  });
});

describe('after a delivery report', () => {
  it.each(entries)('$code: only what may pass by itself goes out again, and seldom', ({ code, facts }) => {
    const retry = reportRetry(code);
    if (retry === null) return;
    expect(facts.retryable).toBe(true);
    expect(retry.afterSeconds).toBeGreaterThanOrEqual(60);
    expect(retry.times).toBeLessThanOrEqual(2);
  });

  it('an unreachable phone is tried twice, hours apart', () => {
    expect(reportRetry('handset_unreachable')).toEqual({ afterSeconds: 4 * 60 * 60, times: 2 });
  });

  it('a failure without a reason is tried once, after minutes', () => {
    expect(reportRetry('carrier_failed')).toEqual({ afterSeconds: 5 * 60, times: 1 });
  });

  it.each(['delivery_uncertain', 'content_filtered', 'recipient_blocked', 'recipient_opted_out'] as const)(
    '%s is never tried again',
    (code) => {
      expect(reportRetry(code)).toBeNull();
    },
  );
});
