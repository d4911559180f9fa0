import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import { Latch } from '../latch.ts';
import type { Logger } from '../logger.ts';
import type { Completions } from './completions.ts';
import type { TaskResult } from './outcome.ts';
import type { ClaimedJob, Queue } from './queue.ts';

export type Task = (job: ClaimedJob, signal: AbortSignal) => Promise<TaskResult>;

export interface ConsumerOptions {
  readonly queue: Queue;
  readonly completions: Completions;
  readonly task: Task;
  readonly concurrency: number;
  readonly batchSize: number;
  readonly leaseSeconds: number;
  readonly pollIntervalMs: number;
  readonly log: Logger;
  readonly observer: ConsumerObserver;
}

/** What the outside may want to know, for metrics and readiness. */
export interface ConsumerObserver {
  claimed(jobs: readonly ClaimedJob[]): void;
  looked(): void;
  lookFailed(error: unknown): void;
  asleep(isAsleep: boolean): void;
  inFlight(count: number): void;
  released(count: number): void;
  /** There is work of another kind, or somebody is bringing some. */
  restless(): void;
}

/** Two finds within this time mean that looking costs less than being notified. */
const BUSY_WITHIN_MS = 20;
const BUSY_LOOK_MS = 5;
const SHORTEST_NAP_MS = 50;

/**
 * Keeps up to `concurrency` tasks in flight. Claims whenever there is room, and sleeps when there is nothing to claim:
 * then producers notify, and a poll every `pollIntervalMs` makes up for a notification that was lost.
 */
export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #wake = new Latch();
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #released: string[] = [];
  readonly #abort = new AbortController();
  #loop: Promise<void> | null = null;
  #leases: NodeJS.Timeout | null = null;
  #isStopping = false;
  #isFlagSet = false;
  #wakingUp: Promise<void> = Promise.resolve();
  #foundAt = -Infinity;
  #foundBefore = -Infinity;
  #restlessTries = 0;

  constructor(options: ConsumerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
    const every = (this.#options.leaseSeconds * 1000) / 3;
    this.#leases ??= setInterval(() => void this.#extendLeases(), every);
  }

  /** There may be something to claim. */
  look(): void {
    this.#wake.set();
  }

  /** First phase of stopping: nothing more is claimed. Resolves when no claim is under way any more. */
  async stopClaiming(): Promise<void> {
    this.#isStopping = true;
    this.#wake.set();
    await this.#loop;
    await this.#wakingUp;
    if (this.#isFlagSet) await this.#options.queue.wakeUp().catch(() => undefined);
  }

  /** Second phase: what is in flight may finish, for `milliseconds` at most. True when everything did. */
  async drain(milliseconds: number): Promise<boolean> {
    const isOver = new AbortController();
    const everything = this.#settled().then(() => true);
    const limit = pause(milliseconds, false, { signal: isOver.signal }).catch(() => false);
    const isDrained = await Promise.race([everything, limit]);
    isOver.abort();
    return isDrained;
  }

  /** Third phase: what has not been written to a carrier is turned back, what has been becomes unknown. */
  async abort(): Promise<void> {
    this.#abort.abort();
    await this.#settled();
  }

  /** Last: hands back what was never submitted, writes what is known. Gives up after `milliseconds`. */
  async finish(milliseconds: number): Promise<void> {
    if (this.#leases !== null) clearInterval(this.#leases);
    const limit = AbortSignal.timeout(milliseconds);
    await Promise.all([this.#options.completions.flush(limit), this.#releaseAll(limit)]);
    const lost = this.#options.completions.pendingAttemptIds;
    if (lost.length > 0) this.#options.log.fatal({ attempt_ids: lost }, 'stopped with outcomes not written');
  }

  async #settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight.values());
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopping) {
      try {
        await this.#step();
        failures = 0;
      } catch (error) {
        failures += 1;
        this.#options.observer.lookFailed(error);
        this.#options.log.warn({ err: error, failures }, 'the database did not answer');
        await this.#wake.wait(backoffMs(failures));
      }
    }
  }

  async #step(): Promise<void> {
    const room = this.#options.concurrency - this.#inFlight.size;
    if (room === 0) {
      await this.#wake.wait(this.#options.pollIntervalMs);
      return;
    }
    // A claim costs the same for one job as for ten: with a backlog, let a few places come free first.
    if (this.#foundLately() && room < this.#options.concurrency / 4) await pause(BUSY_LOOK_MS);
    const found = await this.#claim();
    if (found === 0) await this.#rest();
  }

  async #claim(): Promise<number> {
    const room = this.#options.concurrency - this.#inFlight.size;
    const limit = Math.min(room, this.#options.batchSize);
    const jobs = await this.#options.queue.claim(limit, this.#options.leaseSeconds);
    this.#options.observer.looked();
    if (jobs.length === 0) return 0;
    this.#foundBefore = this.#foundAt;
    this.#foundAt = performance.now();
    this.#restlessTries = 0;
    this.#options.observer.claimed(jobs);
    for (const job of jobs) {
      if (this.#isStopping) this.#released.push(job.attempt_id);
      else this.#begin(job);
    }
    return jobs.length;
  }

  #begin(job: ClaimedJob): void {
    const running = this.#perform(job).finally(() => {
      this.#inFlight.delete(job.attempt_id);
      this.#options.observer.inFlight(this.#inFlight.size);
      if (this.#inFlight.size === this.#options.concurrency - 1) this.#wake.set();
    });
    this.#inFlight.set(job.attempt_id, running);
    this.#options.observer.inFlight(this.#inFlight.size);
  }

  async #perform(job: ClaimedJob): Promise<void> {
    let result: TaskResult;
    try {
      result = await this.#options.task(job, this.#abort.signal);
    } catch (error) {
      // Nobody can tell how far it came, so nobody may send it again.
      this.#options.log.error({ err: error, job_id: job.job_id, attempt_id: job.attempt_id }, 'task threw');
      result = { kind: 'settled', outcome: { attempt_id: job.attempt_id, outcome: 'unknown' } };
    }
    if (result.kind === 'released') this.#released.push(result.attemptId);
    else this.#options.completions.add(result.outcome, this.#inFlight.size === 1);
  }

  /** Nothing to claim: sleep until somebody says otherwise. */
  async #rest(): Promise<void> {
    if (this.#foundLately()) {
      this.#clearFlag();
      await this.#wake.wait(BUSY_LOOK_MS);
      return;
    }
    await this.#wakingUp;
    const { queue, pollIntervalMs, observer } = this.#options;
    // Longer than the nap, so that a late look does not leave a gap without notifications.
    this.#isFlagSet = await queue.fallAsleep(Math.ceil(pollIntervalMs / 1000) + 5);
    if (!this.#isFlagSet) {
      observer.restless();
      this.#restlessTries += 1;
      await this.#wake.wait(Math.min(BUSY_LOOK_MS * 2 ** Math.min(this.#restlessTries - 1, 5), 100));
      return;
    }
    const nap = napLength(await queue.nextDue(), pollIntervalMs);
    observer.asleep(true);
    await this.#wake.wait(nap);
    observer.asleep(false);
  }

  #foundLately(): boolean {
    return performance.now() - this.#foundBefore < BUSY_WITHIN_MS;
  }

  /** Must not be overtaken by the next fall_asleep, or the flag would be cleared while we sleep. */
  #clearFlag(): void {
    if (!this.#isFlagSet) return;
    this.#isFlagSet = false;
    this.#wakingUp = this.#options.queue.wakeUp().catch(() => undefined);
  }

  async #extendLeases(): Promise<void> {
    const held = [...this.#inFlight.keys(), ...this.#options.completions.pendingAttemptIds];
    if (held.length === 0) return;
    try {
      await this.#options.queue.extend(held, this.#options.leaseSeconds);
    } catch (error) {
      this.#options.log.warn({ err: error, attempts: held.length }, 'leases not extended');
    }
  }

  async #releaseAll(limit: AbortSignal): Promise<void> {
    for (let tries = 1; this.#released.length > 0 && !limit.aborted; tries += 1) {
      try {
        await this.#options.queue.release(this.#released);
        this.#options.observer.released(this.#released.length);
        this.#released.length = 0;
      } catch (error) {
        this.#options.log.warn({ err: error, attempts: this.#released.length }, 'attempts not released yet');
        await pause(backoffMs(tries), undefined, { signal: limit }).catch(() => undefined);
      }
    }
  }
}

/** Milliseconds until something is due, within the poll interval. */
function napLength(due: Date | null, pollIntervalMs: number): number {
  if (due === null) return pollIntervalMs;
  return Math.min(pollIntervalMs, Math.max(SHORTEST_NAP_MS, due.getTime() - Date.now()));
}
