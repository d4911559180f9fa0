/**
 * What a project may use, by the names of https://supabase.com/docs/guides/realtime/limits.
 * Infinity means unlimited.
 */
export type Limits = {
  /** Sockets with at least one channel. */
  connections: number;
  /** Broadcasts sent plus broadcasts delivered, per second. */
  messagesPerSecond: number;
  joinsPerSecond: number;
  channelsPerConnection: number;
  presenceMessagesPerSecond: number;
  /** Keys of one tracked payload. Hosted documents the number but does not refuse; we log. */
  presenceKeys: number;
  /** track and untrack together, per channel and client, in presenceWindowMs. */
  presenceCalls: number;
  presenceWindowMs: number;
  /** Kilobytes (1000 bytes) of one broadcast or presence payload. */
  payloadKilobytes: number;
  /** Bytes of one inbound frame; a longer one closes the socket. */
  frameBytes: number;
};

/** The Pro plan. */
export const hostedLimits: Limits = {
  connections: 500,
  messagesPerSecond: 500,
  joinsPerSecond: 500,
  channelsPerConnection: 100,
  presenceMessagesPerSecond: 50,
  presenceKeys: 10,
  presenceCalls: 5,
  presenceWindowMs: 30_000,
  payloadKilobytes: 3000,
  frameBytes: 5_000_000,
};

/** For load tests on one machine: nothing counts, only sizes do. */
export const relaxedLimits: Limits = {
  ...hostedLimits,
  connections: Infinity,
  messagesPerSecond: Infinity,
  joinsPerSecond: Infinity,
  channelsPerConnection: Infinity,
  presenceMessagesPerSecond: Infinity,
  presenceKeys: Infinity,
  presenceCalls: Infinity,
};

/** Hosted measures the encoded term, hence the allowance of 500 bytes. */
export function payloadTooLarge(limits: Limits, bytes: number): boolean {
  return bytes > limits.payloadKilobytes * 1000 + 500;
}

const bucketMs = 5_000;
const bucketCount = 12;

/** A rate averaged over the last 60 s, kept in 12 buckets of 5 s as hosted does: a short burst passes. */
export class RateWindow {
  readonly #now: () => number;
  readonly #buckets = new Array<number>(bucketCount).fill(0);
  #newest: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#newest = Math.floor(now() / bucketMs);
  }

  add(count = 1): void {
    this.#forgetOld();
    const slot = this.#newest % bucketCount;
    this.#buckets[slot] = (this.#buckets[slot] ?? 0) + count;
  }

  /** Events per second. */
  average(): number {
    this.#forgetOld();
    return this.#buckets.reduce((sum, count) => sum + count, 0) / ((bucketMs * bucketCount) / 1000);
  }

  #forgetOld(): void {
    const current = Math.floor(this.#now() / bucketMs);
    const stale = Math.min(current - this.#newest, bucketCount);
    for (let step = 1; step <= stale; step += 1) this.#buckets[(this.#newest + step) % bucketCount] = 0;
    this.#newest = Math.max(current, this.#newest);
  }
}

/** Allows so many calls in a window that opens with the first of them. */
export class CallWindow {
  readonly #now: () => number;
  readonly #calls: number;
  readonly #windowMs: number;
  #used = 0;
  #resetAt = -Infinity;

  constructor(now: () => number, calls: number, windowMs: number) {
    this.#now = now;
    this.#calls = calls;
    this.#windowMs = windowMs;
  }

  /** Counts one call; false when the window is used up. */
  take(): boolean {
    if (this.#now() > this.#resetAt) {
      this.#used = 0;
      this.#resetAt = this.#now() + this.#windowMs;
    }
    if (this.#used >= this.#calls) return false;
    this.#used += 1;
    return true;
  }
}
