import type { ThreadSummary } from '#lib/data/records.ts';

/** The order somebody is looking at. */
export interface Hold {
  ids: string[];
  /** `last_inbound_sequence` of each row when the hold began. */
  inbound: ReadonlyMap<string, number>;
}

export function beginHold(sorted: ThreadSummary[]): Hold {
  return {
    ids: sorted.map((row) => row.id),
    inbound: new Map(sorted.map((row) => [row.id, row.last_inbound_sequence])),
  };
}

/** Paging adds rows at the end, which moves nothing. */
export function extendHold(hold: Hold, ids: string[]): Hold {
  const known = new Set(hold.ids);
  return { ...hold, ids: [...hold.ids, ...ids.filter((id) => !known.has(id))] };
}

/** The rows in the held order, with their content up to date. */
export function heldRows(sorted: ThreadSummary[], hold: Hold): ThreadSummary[] {
  const byId = new Map(sorted.map((row) => [row.id, row]));
  return hold.ids.flatMap((id) => byId.get(id) ?? []);
}

/** How many threads with new inbound messages would be further up if the order were not held. */
export function countWaiting(sorted: ThreadSummary[], hold: Hold): number {
  const position = new Map(hold.ids.map((id, index) => [id, index]));
  return sorted.filter((row, index) => {
    const held = position.get(row.id);
    if (held === undefined) return true;
    return row.last_inbound_sequence > (hold.inbound.get(row.id) ?? 0) && index < held;
  }).length;
}
