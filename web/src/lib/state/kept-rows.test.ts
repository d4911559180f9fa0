import { describe, expect, test } from 'vitest';
import { addPage, firstPage, noRows, refresh, settle, type RowOutcome } from './kept-rows.ts';

const size = 3;
const done: RowOutcome = { tone: 'done', words: 'Done.' };

/** A row that changed at this minute. */
function row(minute: number) {
  return { job_id: `job ${minute}`, updated_at: `2026-11-20T10:${minute}:00+00:00` };
}

function shown(kept: { rows: { job_id: string }[] }): string[] {
  return kept.rows.map(({ job_id }) => job_id);
}

describe('kept rows', () => {
  test('begin with what there is when there is nothing to keep', () => {
    expect(shown(refresh(noRows<ReturnType<typeof row>>(), [row(30), row(29)], size))).toEqual([
      'job 30',
      'job 29',
    ]);
  });

  test('stay where they are while new ones wait to be let in', () => {
    const kept = refresh(firstPage([row(30), row(29)], size), [row(31), row(30), row(29)], size);
    expect(shown(kept)).toEqual(['job 30', 'job 29']);
    expect(kept.waiting).toEqual([row(31)]);
  });

  test('count nothing as new that only moved up from below', () => {
    const settled = settle(firstPage([row(30), row(29), row(28)], size), new Map([['job 29', done]]));
    const kept = refresh(settled, [row(30), row(28), row(27)], size);
    expect(kept.waiting).toEqual([]);
    expect(kept.hasMore).toBe(true);
    const all = firstPage([row(30), row(29)], size);
    expect(refresh(all, [row(30), row(29), row(28)], size)).toMatchObject({ waiting: [], hasMore: true });
  });

  test('say where they stood that somebody else has settled them', () => {
    const kept = refresh(firstPage([row(30), row(29)], size), [row(29)], size);
    expect(shown(kept)).toEqual(['job 30', 'job 29']);
    expect([...kept.outcomes]).toEqual([['job 30', { tone: 'gone', words: 'Settled in the meantime.' }]]);
  });

  test('further down than the page reaches are left alone', () => {
    const before = addPage(firstPage([row(30), row(29), row(28)], size), [row(27), row(26)], size);
    const kept = refresh(before, [row(31), row(30), row(29)], size);
    expect(kept.outcomes.size).toBe(0);
    expect(shown(kept)).toHaveLength(5);
  });

  test('keep what was done with them, whatever a page still says', () => {
    const settled = settle(firstPage([row(30)], size), new Map([['job 30', done]]));
    const kept = refresh(settled, [row(30)], size);
    expect(kept.outcomes.get('job 30')).toEqual(done);
  });

  test('take no note of rows that are not shown', () => {
    expect(settle(firstPage([row(30)], size), new Map([['job 12', done]])).outcomes.size).toBe(0);
  });

  test('are never doubled by a page that overlaps', () => {
    const kept = addPage(firstPage([row(30), row(29), row(28)], size), [row(28), row(27)], size);
    expect(shown(kept)).toEqual(['job 30', 'job 29', 'job 28', 'job 27']);
    expect(kept.hasMore).toBe(false);
  });
});
