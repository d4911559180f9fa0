import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import type { Logger } from '../logger.ts';
import { isRefusal } from './database-refusal.ts';
import type { AttemptOutcome } from './outcome.ts';
import type { Queue } from './queue.ts';

/** Tries to write a batch that the database itself refuses before its outcomes are given up one by one. */
const REFUSALS_BEFORE_SPLITTING = 3;

export interface CompletionsOptions {
  readonly queue: Pick<Queue, 'complete'>;
  readonly batchSize: number;
  /** Milliseconds an outcome may wait for company while other sends are in flight. */
  readonly lingerMs: number;
  readonly log: Logger;
  /** Told after every batch that was written. */
  readonly onWritten: (outcomes: readonly AttemptOutcome[]) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Writes outcomes in batches, one statement each. An outcome that cannot be written is kept and written again, for as
 * long as the process lives: the carrier call behind it is never repeated.
 */
export class Completions {
  readonly #options: CompletionsOptions;
  #waiting: AttemptOutcome[] = [];
  #writing: AttemptOutcome[] = [];
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;

  constructor(options: CompletionsOptions) {
    this.#options = options;
  }

  /** Outcomes not yet in the database. */
  get pending(): number {
    return this.#waiting.length + this.#writing.length;
  }

  get pendingAttemptIds(): string[] {
    return [...this.#writing, ...this.#waiting].map((outcome) => outcome.attempt_id);
  }

  /** @param alone nothing else is in flight, so there is no company to wait for */
  add(outcome: AttemptOutcome, alone: boolean): void {
    this.#waiting.push(outcome);
    if (this.#running !== null) return;
    if (alone || this.#waiting.length >= this.#options.batchSize) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), this.#options.lingerMs);
  }

  /** Resolves when everything added so far is written, or when `signal` ends the waiting. */
  async flush(signal: AbortSignal): Promise<void> {
    const gaveUp = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    while (this.pending > 0 && !signal.aborted) {
      this.#start();
      await Promise.race([this.#running, gaveUp]);
    }
  }

  #start(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#running ??= this.#writeAll().finally(() => {
      this.#running = null;
      if (this.#waiting.length > 0) this.#start();
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#writing = this.#waiting.splice(0, this.#options.batchSize);
      await this.#write(this.#writing);
      this.#writing = [];
    }
  }

  async #write(batch: readonly AttemptOutcome[]): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#options.queue.complete(batch);
        this.#options.onWritten(batch);
        return;
      } catch (error) {
        this.#options.onFailure(error);
        this.#options.log.error({ err: error, outcomes: batch.length, tries }, 'outcomes not written yet');
        if (tries >= REFUSALS_BEFORE_SPLITTING && isRefusal(error)) {
          await this.#writeOneByOne(batch, error);
          return;
        }
        await pause(backoffMs(tries));
      }
    }
  }

  /** One outcome the database will not have must not keep the others out. Its attempt ends as unknown, by its lease. */
  async #writeOneByOne(batch: readonly AttemptOutcome[], error: unknown): Promise<void> {
    const [only, ...others] = batch;
    if (only !== undefined && others.length === 0) {
      const { attempt_id, outcome, provider_message_id } = only;
      this.#options.log.fatal(
        { err: error, attempt_id, outcome, provider_message_id },
        'outcome refused for good',
      );
      return;
    }
    for (const outcome of batch) await this.#write([outcome]);
  }
}
