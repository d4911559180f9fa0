import { describe, expect, it } from 'vitest';
import { sendErrorFacts, sendErrors } from './send-error.ts';
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
