import { z } from '#lib/data/schema.ts';
import type { Snapshot } from './snapshot.ts';

/** Milliseconds before looking again, doubled each time up to the longest. */
const firstPause = 50;
const longestPause = 1000;
/** Times one looks again, over 12 seconds: whatever is not to be seen by then is left to the next look. */
const mostLooks = 15;

const announcement = z.object({ xid: z.string().regex(/^\d{1,20}$/) });

/** The transaction a broadcast of the database tells of; none when it does not say. */
export function transactionsOf(payload: unknown): bigint[] {
  const parsed = announcement.safeParse(payload);
  return parsed.success ? [BigInt(parsed.data.xid)] : [];
}

/**
 * Transactions we were told of and have not seen yet. A commit is announced as soon as it is in the log of the
 * database; other sessions see it a moment later, or much later where it waits for a synchronous standby.
 */
export class AnnouncedChanges {
  readonly #awaited = new Set<bigint>();
  #looks = 0;

  expect(transactions: Iterable<bigint>): void {
    for (const transaction of transactions) {
      this.#awaited.add(transaction);
      this.#looks = 0;
    }
  }

  /** Milliseconds until it is worth looking again, or null when this answer saw all that was announced. */
  pauseAfter(snapshot: Snapshot): number | null {
    for (const transaction of this.#awaited) {
      if (snapshot.sees(transaction)) this.#awaited.delete(transaction);
    }
    if (this.#awaited.size === 0 || this.#looks >= mostLooks) {
      this.clear();
      return null;
    }
    const pause = Math.min(firstPause * 2 ** this.#looks, longestPause);
    this.#looks += 1;
    return pause;
  }

  clear(): void {
    this.#awaited.clear();
    this.#looks = 0;
  }
}
