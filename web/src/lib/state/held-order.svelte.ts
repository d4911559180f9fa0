import type { ThreadSummary } from '#lib/data/records.ts';

interface Hold {
  ids: string[];
  /** `last_inbound_sequence` of each row when the hold began. */
  inbound: ReadonlyMap<string, number>;
}

/** Keeps rows where they are while somebody is about to click one; their content stays up to date all the same. */
export class HeldOrder {
  readonly #sorted: () => ThreadSummary[];
  #hold = $state.raw<Hold | null>(null);

  readonly rows: ThreadSummary[] = $derived.by(() => {
    const sorted = this.#sorted();
    if (this.#hold === null) return sorted;
    const byId = new Map(sorted.map((row) => [row.id, row]));
    return this.#hold.ids.flatMap((id) => byId.get(id) ?? []);
  });

  /** Threads with new inbound messages that would be further up if the order were not held. */
  readonly waitingCount: number = $derived.by(() => {
    const hold = this.#hold;
    if (hold === null) return 0;
    const position = new Map(hold.ids.map((id, index) => [id, index]));
    return this.#sorted().filter((row, index) => {
      const held = position.get(row.id);
      if (held === undefined) return true;
      return row.last_inbound_sequence > (hold.inbound.get(row.id) ?? 0) && index < held;
    }).length;
  });

  constructor(sorted: () => ThreadSummary[]) {
    this.#sorted = sorted;
  }

  hold(): void {
    if (this.#hold === null) this.#begin();
  }

  release(): void {
    this.#hold = null;
  }

  /** Lets the waiting rows in and holds the new order. */
  admit(): void {
    if (this.#hold !== null) this.#begin();
  }

  /** Paging adds rows at the end, which moves nothing. */
  extend(ids: string[]): void {
    if (this.#hold === null) return;
    const known = new Set(this.#hold.ids);
    this.#hold = { ...this.#hold, ids: [...this.#hold.ids, ...ids.filter((id) => !known.has(id))] };
  }

  #begin(): void {
    const rows = this.#sorted();
    this.#hold = {
      ids: rows.map((row) => row.id),
      inbound: new Map(rows.map((row) => [row.id, row.last_inbound_sequence])),
    };
  }
}
