import type { Latch } from '../latch.ts';
import type { Queue } from './queue.ts';

export interface RestOptions {
  readonly queue: Pick<Queue, 'fallAsleep' | 'wakeUp' | 'nextDueMs'>;
  readonly wake: Latch;
  readonly pollIntervalMs: number;
  readonly observer: {
    asleep(isAsleep: boolean): void;
    restless(): void;
  };
}

/** Two finds within this time mean that looking costs less than being notified. */
const BUSY_WITHIN_MS = 20;
const BUSY_LOOK_MS = 5;
const SHORTEST_NAP_MS = 50;

/**
 * What to do when there is nothing to claim: look again at once while work comes in quickly, else sleep. A sleeper is
 * notified by producers, and a poll every `pollIntervalMs` makes up for a notification that was lost.
 */
export class Rest {
  readonly #options: RestOptions;
  #isFlagSet = false;
  #wakingUp: Promise<void> = Promise.resolve();
  #foundAt = -Infinity;
  #foundBefore = -Infinity;
  #restlessTries = 0;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** A claim brought something. */
  found(): void {
    this.#foundBefore = this.#foundAt;
    this.#foundAt = performance.now();
    this.#restlessTries = 0;
    if (this.isBusy) this.#clearFlag();
  }

  get isBusy(): boolean {
    return performance.now() - this.#foundBefore < BUSY_WITHIN_MS;
  }

  /** Waits until it makes sense to look again. */
  async take(): Promise<void> {
    const { queue, wake, pollIntervalMs, observer } = this.#options;
    if (this.isBusy) {
      await wake.wait(BUSY_LOOK_MS);
      return;
    }
    await this.#wakingUp;
    // Longer than the nap, so that a late look does not leave a gap without notifications.
    this.#isFlagSet = await queue.fallAsleep(Math.ceil(pollIntervalMs / 1000) + 5);
    if (!this.#isFlagSet) {
      observer.restless();
      this.#restlessTries += 1;
      await wake.wait(Math.min(BUSY_LOOK_MS * 2 ** Math.min(this.#restlessTries - 1, 5), 100));
      return;
    }
    const nap = napLength(await queue.nextDueMs(), pollIntervalMs);
    observer.asleep(true);
    await wake.wait(nap);
    observer.asleep(false);
  }

  /** Takes a request for notifications back. */
  async end(): Promise<void> {
    await this.#wakingUp;
    if (this.#isFlagSet) await this.#options.queue.wakeUp().catch(() => undefined);
  }

  /** Must not be overtaken by the next fall_asleep, or the flag would be cleared while we sleep. */
  #clearFlag(): void {
    if (!this.#isFlagSet) return;
    this.#isFlagSet = false;
    this.#wakingUp = this.#options.queue.wakeUp().catch(() => undefined);
  }
}

/** Milliseconds until something is due, within the poll interval. */
function napLength(dueMs: number | null, pollIntervalMs: number): number {
  return dueMs === null ? pollIntervalMs : Math.min(pollIntervalMs, Math.max(SHORTEST_NAP_MS, dueMs));
}
