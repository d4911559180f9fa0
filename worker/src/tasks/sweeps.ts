import type { Logger } from '../logger.ts';
import type { Queue, SweepCounts } from '../queue/queue.ts';

export interface SweepsOptions {
  readonly queue: Pick<Queue, 'sweep'>;
  /** Mean time between two sweeps of this worker; each is up to a quarter earlier or later. */
  readonly everyMs: number;
  readonly log: Logger;
  readonly onSwept: (counts: SweepCounts) => void;
}

/** A worker that starts has often died just before, and may not live long enough for its first regular turn. */
const FIRST_AFTER_MS = 1_000;

/** Settles, now and then, what dead workers left behind. Any number of workers may do so. */
export class Sweeps {
  readonly #options: SweepsOptions;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: SweepsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(Math.min(FIRST_AFTER_MS, this.#options.everyMs));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(meanMs: number): void {
    if (this.#isStopped) return;
    // Jitter, so that workers started together do not all sweep together.
    const delay = meanMs * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => {
      this.#running = this.#sweep().finally(() => this.#schedule(this.#options.everyMs));
    }, delay);
  }

  async #sweep(): Promise<void> {
    try {
      const counts = await this.#options.queue.sweep();
      this.#options.onSwept(counts);
      if (counts.attempts_lost > 0) {
        this.#options.log.error({ ...counts, alert: true }, 'attempts of dead workers are now unknown');
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, 'not swept');
    }
  }
}
