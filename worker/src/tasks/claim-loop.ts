import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import { Latch } from '../latch.ts';
import type { Logger } from '../logger.ts';

export interface ClaimLoopOptions<Claimed> {
  /** What is claimed, in the plural, for the log. */
  readonly name: string;
  readonly claim: () => Promise<readonly Claimed[]>;
  /** Never rejects; breaks off when the signal says so. */
  readonly perform: (claimed: Claimed, signal: AbortSignal) => Promise<void>;
  readonly pollIntervalMs: number;
  readonly log: Logger;
}

const WRITE_TRIES = 5;

/**
 * Claims a few things of one kind, performs them together, and rests when there are none. Only for what may be done
 * twice without harm: stopping breaks it off, and the lease brings it back, to this worker or another.
 */
export class ClaimLoop<Claimed> {
  readonly #options: ClaimLoopOptions<Claimed>;
  readonly #wake = new Latch();
  readonly #abort = new AbortController();
  #loop: Promise<void> | null = null;

  constructor(options: ClaimLoopOptions<Claimed>) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** There may be something to claim. */
  look(): void {
    this.#wake.set();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#wake.set();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { name, claim, perform, pollIntervalMs, log } = this.#options;
    const { signal } = this.#abort;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const claimed = await claim();
        failures = 0;
        await Promise.all(claimed.map((each) => perform(each, signal)));
        if (claimed.length === 0) await this.#wake.wait(pollIntervalMs);
      } catch (error) {
        failures += 1;
        log.warn({ err: error, failures }, `${name} not claimed`);
        await this.#wake.wait(backoffMs(failures));
      }
    }
  }
}

/** Tries a few times to write what came of something; after that its lease brings it back. */
export async function writeOutcome(
  write: () => Promise<void>,
  onFailure: (error: unknown, tries: number) => void,
): Promise<void> {
  for (let tries = 1; tries <= WRITE_TRIES; tries += 1) {
    try {
      await write();
      return;
    } catch (error) {
      onFailure(error, tries);
      await pause(backoffMs(tries));
    }
  }
}
