import type { ThreadSummary } from '#lib/data/records.ts';
import { beginHold, countWaiting, extendHold, heldRows, type Hold } from './held-rows.ts';

/** Keeps rows where they are while somebody is about to click one; their content stays up to date all the same. */
export class HeldOrder {
  readonly #sorted: () => ThreadSummary[];
  #hold = $state.raw<Hold | null>(null);

  readonly rows: ThreadSummary[] = $derived.by(() =>
    this.#hold === null ? this.#sorted() : heldRows(this.#sorted(), this.#hold),
  );

  /** Threads with new inbound messages that wait to be let in. */
  readonly waitingCount: number = $derived.by(() =>
    this.#hold === null ? 0 : countWaiting(this.#sorted(), this.#hold),
  );

  constructor(sorted: () => ThreadSummary[]) {
    this.#sorted = sorted;
  }

  hold(): void {
    this.#hold ??= beginHold(this.#sorted());
  }

  release(): void {
    this.#hold = null;
  }

  /** Lets the waiting rows in and holds the new order. */
  admit(): void {
    if (this.#hold !== null) this.#hold = beginHold(this.#sorted());
  }

  extend(ids: string[]): void {
    if (this.#hold !== null) this.#hold = extendHold(this.#hold, ids);
  }
}
