import { describe, expect, test } from 'vitest';
import { minutesOf, threadAt } from '#lib/testing/records.ts';
import { beginHold, countWaiting, extendHold, heldRows } from './held-rows.ts';

const sorted = [threadAt(30), threadAt(20), threadAt(10)];
const hold = beginHold(sorted);

test('a held row shows its newest content in its old place', () => {
  const moved = threadAt(10, { last_inbound_sequence: 5, unread_count: 2 });
  const rows = heldRows([moved, threadAt(30), threadAt(20)], hold);
  expect(minutesOf(rows)).toEqual([30, 20, 10]);
  expect(rows.at(-1)?.unread_count).toBe(2);
});

test('rows that paging adds come after', () => {
  const extended = extendHold(hold, [threadAt(10).id, threadAt(5).id]);
  expect(minutesOf(heldRows([...sorted, threadAt(5)], extended))).toEqual([30, 20, 10, 5]);
});

describe('what waits', () => {
  test('is a thread nobody has seen here', () => {
    expect(countWaiting([threadAt(40), ...sorted], hold)).toBe(1);
  });

  test('is a thread that a customer moved up', () => {
    const moved = threadAt(10, { last_inbound_sequence: 5 });
    expect(countWaiting([moved, threadAt(30), threadAt(20)], hold)).toBe(1);
  });

  test('is not a thread that our own reply moved up', () => {
    expect(countWaiting([threadAt(10), threadAt(30), threadAt(20)], hold)).toBe(0);
  });

  test('is not the first row with one message more', () => {
    const first = threadAt(30, { last_inbound_sequence: 5 });
    expect(countWaiting([first, threadAt(20), threadAt(10)], hold)).toBe(0);
  });
});
