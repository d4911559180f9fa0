import type { ThreadSummary, ThreadSummaryForAll } from '#lib/data/records.ts';

export interface InboxRows {
  rows: ThreadSummary[];
  /** Whether older threads exist that were never loaded. */
  hasMore: boolean;
}

/** Newest activity first; the id settles ties exactly as the database does when it pages. */
export function compareByActivity(a: ThreadSummary, b: ThreadSummary): number {
  const difference = Date.parse(b.last_message_at) - Date.parse(a.last_message_at);
  if (difference !== 0) return difference;
  return a.id < b.id ? 1 : -1;
}

/** The later of two observations of one thread. */
function later(known: ThreadSummary, observed: ThreadSummary): ThreadSummary {
  return Date.parse(observed.updated_at) >= Date.parse(known.updated_at) ? observed : known;
}

/**
 * Works changed threads into the loaded rows. A change older than everything loaded is left to paging, because
 * adding it would claim that nothing lies between.
 */
export function mergeSummaries(state: InboxRows, changed: ThreadSummary[]): InboxRows {
  if (changed.length === 0) return state;
  const oldest = state.rows.at(-1);
  const byId = new Map(state.rows.map((row) => [row.id, row]));
  for (const thread of changed) {
    const known = byId.get(thread.id);
    if (known !== undefined) byId.set(thread.id, later(known, thread));
    else if (!state.hasMore || oldest === undefined || compareByActivity(thread, oldest) < 0)
      byId.set(thread.id, thread);
  }
  return { ...state, rows: [...byId.values()].sort(compareByActivity) };
}

/** Adds the page after the last row. */
export function appendPage(state: InboxRows, page: ThreadSummary[], hasMore: boolean): InboxRows {
  return { rows: mergeSummaries({ rows: state.rows, hasMore: false }, page).rows, hasMore };
}

/**
 * Reading never goes back, but an answer that was on its way meanwhile may still count as unread what this person has
 * read since it was written.
 */
export function withReadMarker(thread: ThreadSummary, readUpTo: number | undefined): ThreadSummary {
  const isRead = readUpTo !== undefined && thread.last_inbound_sequence <= readUpTo;
  return isRead && thread.unread_count > 0 ? { ...thread, unread_count: 0 } : thread;
}

/**
 * A broadcast goes to everybody, so it cannot say how much *I* have not read. One inbound message more is one unread
 * more; anything else (several at once, a thread never seen) is `null`: only the database can tell.
 */
export function withUnreadCount(
  known: ThreadSummary | undefined,
  observed: ThreadSummaryForAll,
  isOpen: boolean,
): ThreadSummary | null {
  if (isOpen) return { ...observed, unread_count: 0 };
  if (known === undefined) return null;
  if (observed.last_inbound_sequence <= known.last_inbound_sequence) {
    return { ...observed, unread_count: known.unread_count };
  }
  const oneInboundMore =
    observed.last_sequence === known.last_sequence + 1 &&
    observed.last_inbound_sequence === observed.last_sequence;
  return oneInboundMore ? { ...observed, unread_count: known.unread_count + 1 } : null;
}
