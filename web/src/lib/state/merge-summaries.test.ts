import { describe, expect, test } from 'vitest';
import type { ThreadSummaryForAll } from '#lib/data/records.ts';
import { minutesOf, threadAt } from '#lib/testing/records.ts';
import { appendPage, mergeSummaries, withReadMarker, withUnreadCount } from './merge-summaries.ts';

describe('mergeSummaries', () => {
  test('moves a thread with new activity to the top', () => {
    const moved = {
      ...threadAt(10),
      last_message_at: '2026-11-20T07:40:00+00:00',
      updated_at: '2026-11-20T07:40:00+00:00',
    };
    const merged = mergeSummaries({ rows: [threadAt(30), threadAt(20), threadAt(10)], hasMore: false }, [
      moved,
    ]);
    expect(minutesOf(merged.rows)).toEqual([10, 30, 20]);
  });

  test('ignores an observation older than the one it knows', () => {
    const known = threadAt(10, { updated_at: '2026-11-20T07:50:00+00:00', unread_count: 0 });
    expect(mergeSummaries({ rows: [known], hasMore: false }, [threadAt(10)]).rows).toEqual([known]);
  });

  test('leaves a change beyond the loaded rows to paging', () => {
    const merged = mergeSummaries({ rows: [threadAt(30), threadAt(20)], hasMore: true }, [threadAt(10)]);
    expect(minutesOf(merged.rows)).toEqual([30, 20]);
  });

  test('adds a change beyond the last row when everything is loaded', () => {
    const merged = mergeSummaries({ rows: [threadAt(30), threadAt(20)], hasMore: false }, [threadAt(10)]);
    expect(minutesOf(merged.rows)).toEqual([30, 20, 10]);
  });

  test('settles equal times by id, the way the database pages', () => {
    const at = { last_message_at: '2026-11-20T07:00:00+00:00' };
    const merged = mergeSummaries({ rows: [], hasMore: false }, [threadAt(11, at), threadAt(12, at)]);
    expect(minutesOf(merged.rows)).toEqual([12, 11]);
  });
});

describe('appendPage', () => {
  test('adds older rows although more exist', () => {
    const paged = appendPage({ rows: [threadAt(30)], hasMore: true }, [threadAt(20), threadAt(10)], true);
    expect(minutesOf(paged.rows)).toEqual([30, 20, 10]);
    expect(paged.hasMore).toBe(true);
  });

  test('keeps a row once that moved between two pages', () => {
    const paged = appendPage(
      { rows: [threadAt(30), threadAt(20)], hasMore: true },
      [threadAt(20), threadAt(10)],
      false,
    );
    expect(minutesOf(paged.rows)).toEqual([30, 20, 10]);
  });
});

describe('withReadMarker', () => {
  const unread = threadAt(10, { last_sequence: 7, last_inbound_sequence: 6, unread_count: 2 });

  test('knows better than an answer that was written before this person read', () => {
    expect(withReadMarker(unread, 6)).toEqual({ ...unread, unread_count: 0 });
  });

  test('leaves alone what came after the marker, and what was never read', () => {
    expect(withReadMarker(unread, 5)).toBe(unread);
    expect(withReadMarker(unread, undefined)).toBe(unread);
  });
});

describe('withUnreadCount', () => {
  function broadcast(lastSequence: number, lastInbound: number): ThreadSummaryForAll {
    const { unread_count: _mine, ...forAll } = threadAt(10, {
      last_sequence: lastSequence,
      last_inbound_sequence: lastInbound,
    });
    return forAll;
  }

  test('counts one inbound message more as one unread more', () => {
    expect(withUnreadCount(threadAt(10), broadcast(5, 5), false)?.unread_count).toBe(2);
  });

  test('leaves the count alone when one of ours was sent', () => {
    expect(withUnreadCount(threadAt(10), broadcast(5, 4), false)?.unread_count).toBe(1);
  });

  test('cannot tell when several messages came at once', () => {
    expect(withUnreadCount(threadAt(10), broadcast(7, 6), false)).toBeNull();
  });

  test('cannot tell for a thread it has never seen', () => {
    expect(withUnreadCount(undefined, broadcast(1, 1), false)).toBeNull();
  });

  test('counts nothing as unread in the thread on the screen', () => {
    expect(withUnreadCount(threadAt(10), broadcast(5, 5), true)?.unread_count).toBe(0);
  });
});
