import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import type { Logger } from '../logger.ts';
import type { Queue } from './queue.ts';

export interface ReleasesOptions {
  readonly queue: Pick<Queue, 'release'>;
  readonly log: Logger;
  /** Told the attempts of every batch that was given back. */
  readonly onReleased: (attemptIds: readonly string[]) => void;
}

/** How many go back in one statement; each locks its thread. */
const BATCH = 200;

/** Gives back what was claimed and, for certain, never offered to a carrier: in batches, until the database has it. */
export class Releases {
  readonly #options: ReleasesOptions;
  #waiting: string[] = [];
  #running: Promise<void> | null = null;
  #isOver = false;

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  add(attemptId: string): void {
    this.#waiting.push(attemptId);
    this.#start();
  }

  /** Resolves when everything added so far is back, or when `signal` ends the waiting. */
  async flush(signal: AbortSignal): Promise<void> {
    const gaveUp = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    while (this.#running !== null && !signal.aborted) await Promise.race([this.#running, gaveUp]);
    this.#isOver = true;
  }

  #start(): void {
    if (this.#waiting.length === 0 || this.#isOver) return;
    // Others are given back in the same breath, as when a whole account is paused.
    this.#running ??= Promise.resolve()
      .then(() => this.#releaseAll())
      .finally(() => {
        this.#running = null;
        this.#start();
      });
  }

  async #releaseAll(): Promise<void> {
    for (let tries = 1; this.#waiting.length > 0 && !this.#isOver;) {
      const batch = this.#waiting.slice(0, BATCH);
      try {
        await this.#options.queue.release(batch);
        this.#waiting = this.#waiting.slice(batch.length);
        tries = 1;
        this.#options.onReleased(batch);
      } catch (error) {
        this.#options.log.warn({ err: error, attempts: batch.length, tries }, 'attempts not released yet');
        await pause(backoffMs(tries));
        tries += 1;
      }
    }
  }
}
