import type { TroubledJob } from '#lib/data/delivery-records.ts';

/** What became of a row that somebody may still be looking at. */
export interface RowOutcome {
  tone: 'done' | 'refused' | 'gone';
  words: string;
}

/** Rows that stay where they are while somebody works on them, whatever happens to what they show. */
export interface KeptRows<Row> {
  rows: Row[];
  outcomes: ReadonlyMap<string, RowOutcome>;
  /** Newer rows that wait to be let in. */
  waiting: Row[];
  hasMore: boolean;
}

type Job = Pick<TroubledJob, 'job_id' | 'updated_at'>;

export function noRows<Row>(): KeptRows<Row> {
  return { rows: [], outcomes: new Map(), waiting: [], hasMore: false };
}

/** Begins anew with a first page. */
export function firstPage<Row extends Job>(page: Row[], size: number): KeptRows<Row> {
  return { ...noRows<Row>(), rows: page, hasMore: page.length >= size };
}

/** Adds the page after the last row, which moves nothing. */
export function addPage<Row extends Job>(kept: KeptRows<Row>, page: Row[], size: number): KeptRows<Row> {
  const known = new Set(kept.rows.map((row) => row.job_id));
  return {
    ...kept,
    rows: [...kept.rows, ...page.filter((row) => !known.has(row.job_id))],
    hasMore: page.length >= size,
  };
}

/**
 * Works in the first page as it is now. What is newer waits; what is no longer there, and ought to be on that page, was
 * dealt with elsewhere and says so where it stood. Where there is nothing yet, what is new comes in by itself.
 */
export function refresh<Row extends Job>(kept: KeptRows<Row>, page: Row[], size: number): KeptRows<Row> {
  if (kept.rows.length === 0) return firstPage(page, size);
  const fresh = new Map(page.map((row) => [row.job_id, row]));
  const last = page.length >= size ? page.at(-1) : undefined;
  const outcomes = new Map(kept.outcomes);
  for (const row of kept.rows) {
    const belongs = last === undefined || row.updated_at > last.updated_at;
    if (fresh.has(row.job_id) || outcomes.has(row.job_id) || !belongs) continue;
    outcomes.set(row.job_id, { tone: 'gone', words: 'Settled in the meantime.' });
  }
  const known = new Set(kept.rows.map((row) => row.job_id));
  const unknown = page.filter((row) => !known.has(row.job_id));
  const bottom = kept.rows.at(-1);
  const waiting = unknown.filter((row) => bottom === undefined || isAbove(row, bottom));
  return {
    rows: kept.rows.map((row) => (outcomes.has(row.job_id) ? row : (fresh.get(row.job_id) ?? row))),
    outcomes,
    waiting,
    // Settled rows make room for what stands below the last one shown, which is older, not new.
    hasMore: kept.hasMore || waiting.length < unknown.length,
  };
}

/** Pages come in this order: the latest change first. */
function isAbove(row: Job, other: Job): boolean {
  return row.updated_at === other.updated_at ? row.job_id > other.job_id : row.updated_at > other.updated_at;
}

/** Notes what became of rows; those that are not shown are left out. */
export function settle<Row extends Job>(
  kept: KeptRows<Row>,
  news: ReadonlyMap<string, RowOutcome>,
): KeptRows<Row> {
  const shown = new Set(kept.rows.map((row) => row.job_id));
  return {
    ...kept,
    outcomes: new Map([...kept.outcomes, ...[...news].filter(([id]) => shown.has(id))]),
  };
}
