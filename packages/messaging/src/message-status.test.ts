import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMessageStatus, isTerminal, laterStatus, messageStatuses, statusRank } from './message-status.ts';

const anyStatus = fc.constantFrom(...messageStatuses);

describe('message status', () => {
  it('ranks waiting below unknown below sent below settled', () => {
    expect(statusRank('queued')).toBe(statusRank('scheduled'));
    expect(statusRank('queued')).toBe(statusRank('held'));
    expect(statusRank('unknown')).toBeGreaterThan(statusRank('queued'));
    expect(statusRank('sent')).toBeGreaterThan(statusRank('unknown'));
    expect(statusRank('delivered')).toBeGreaterThan(statusRank('sent'));
  });

  it('calls settled exactly the statuses nothing can change', () => {
    expect(messageStatuses.filter(isTerminal)).toEqual([
      ...['delivered', 'undelivered', 'failed', 'cancelled', 'blocked', 'received'],
    ]);
  });

  it('lets a late sent never overwrite delivered', () => {
    expect(laterStatus('delivered', 'sent')).toBe('delivered');
    expect(laterStatus('sent', 'delivered')).toBe('delivered');
  });

  it('keeps the first of two verdicts of equal rank', () => {
    expect(laterStatus('delivered', 'undelivered')).toBe('delivered');
    expect(laterStatus('undelivered', 'delivered')).toBe('undelivered');
  });

  it('never falls in rank and never leaves a settled status, whatever is observed in whatever order', () => {
    fc.assert(
      fc.property(anyStatus, fc.array(anyStatus), (first, observations) => {
        let status = first;
        for (const observed of observations) {
          const next = laterStatus(status, observed);
          expect(statusRank(next)).toBeGreaterThanOrEqual(statusRank(status));
          if (isTerminal(status)) expect(next).toBe(status);
          status = next;
        }
        expect(observations.reduce(laterStatus, status)).toBe(status);
      }),
    );
  });

  it('uses the words of the database', () => {
    const migrations = new URL('../../../supabase/migrations/', import.meta.url);
    const sql = readFileSync(new URL('20261120090500_messages.sql', migrations), 'utf8');
    const words =
      /create table public\.messages[^;]*?status text not null check \(status in \((?<list>[^)]*)/.exec(sql);
    const list = words?.groups?.['list']?.matchAll(/'(?<word>\w+)'/g) ?? [];
    const inDatabase = Array.from(list, ({ groups }) => groups?.['word']);
    expect(inDatabase.toSorted()).toEqual(messageStatuses.toSorted());
  });

  it('knows its own words from others', () => {
    expect(messageStatuses.every(isMessageStatus)).toBe(true);
    for (const other of ['canceled', 'toString', '', 'SENT', 4, null])
      expect(isMessageStatus(other)).toBe(false);
  });
});
