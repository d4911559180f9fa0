import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import { Latch } from '../latch.ts';
import type { Logger } from '../logger.ts';
import type { ClaimedJob, WordedJob } from './claimed-job.ts';
import type { Completions } from './completions.ts';
import { Departures } from './departures.ts';
import type { HeldAttempts } from './held-attempts.ts';
import type { TaskResult } from './outcome.ts';
import type { Queue } from './queue.ts';
import type { Releases } from './releases.ts';
import { Rest } from './rest.ts';
import { wordJobs } from './wording.ts';

export type Task = (job: WordedJob, signal: AbortSignal) => Promise<TaskResult>;

export interface ConsumerOptions {
  readonly queue: Queue;
  readonly completions: Completions;
  readonly releases: Releases;
  readonly held: HeldAttempts;
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
  /** There is work of another kind, or somebody is bringing some. */
  restless(): void;
}

/** With a backlog, a claim waits this long for more places to come free: it costs the same for one job as for ten. */
const GATHER_MS = 5;
const ASK_UNHELD_EVERY_MS = 1_000;
/**
 * How many times an attempt is prolonged while its lease would last. Often: one that is not is taken for a dead worker's
 * long before its lease ends, and no longer counted against its account (private.free_lines).
 */
const EXTENSIONS_PER_LEASE = 10;

/**
 * Claims whenever there is room, a little ahead of the free places, and rests when there is nothing to claim. What is
 * claimed gets its words, leaves when its time has come, and is completed or released.
 */
export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #departures: Departures;
  readonly #rest: Rest;
  readonly #wake = new Latch();
  readonly #abort = new AbortController();
  #loop: Promise<void> | null = null;
  #leases: NodeJS.Timeout | null = null;
  #isStopping = false;
  /** Until then an answer that never came may still turn out to have handed us something, by performance.now(). */
  #doubtUntil = -Infinity;
  #askedUnheldAt = -Infinity;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#departures = new Departures({
      ...options,
      depart: (job) => this.#perform(job),
      turnBack: (job) => options.releases.add(job.attempt_id),
      onRoom: () => this.#wake.set(),
    });
    this.#rest = new Rest({ ...options, wake: this.#wake });
  }

  get inFlight(): number {
    return this.#departures.inFlight;
  }

  /** Jobs in hand that wait for their time or for a place. */
  get waiting(): number {
    return this.#departures.waiting;
  }

  start(): void {
    this.#loop ??= this.#run();
    const every = (this.#options.leaseSeconds * 1000) / EXTENSIONS_PER_LEASE;
    this.#leases ??= setInterval(() => void this.#extendLeases(every), every);
  }

  /** There may be something to claim. */
  look(): void {
    this.#wake.set();
  }

  /** First phase of stopping: nothing more is claimed, and nothing that waits leaves. Resolves when no claim is under way. */
  async stopClaiming(): Promise<void> {
    this.#isStopping = true;
    this.#departures.halt();
    this.#wake.set();
    await this.#loop;
    await this.#rest.end();
  }

  /** Second phase: what is in flight may finish, for `milliseconds` at most. True when everything did. */
  async drain(milliseconds: number): Promise<boolean> {
    const isOver = new AbortController();
    const everything = this.#departures.settled().then(() => true);
    const limit = pause(milliseconds, false, { signal: isOver.signal }).catch(() => false);
    const isDrained = await Promise.race([everything, limit]);
    isOver.abort();
    return isDrained;
  }

  /** Third phase: what has not been written to a carrier is turned back, what has been becomes unknown. */
  async abort(): Promise<void> {
    this.#abort.abort();
    await this.#departures.settled();
  }

  /** Last: hands back what was never submitted, writes what is known. Gives up after `milliseconds`. */
  async finish(milliseconds: number): Promise<void> {
    if (this.#leases !== null) clearInterval(this.#leases);
    const limit = AbortSignal.timeout(milliseconds);
    await Promise.all([this.#options.completions.flush(limit), this.#options.releases.flush(limit)]);
    const isInDoubt = performance.now() < this.#doubtUntil && !limit.aborted;
    // Failing that, the attempts' leases run out.
    if (isInDoubt) await this.#releaseUnheld().catch(() => undefined);
    const lost = this.#options.completions.pendingAttemptIds;
    if (lost.length > 0) this.#options.log.fatal({ attempt_ids: lost }, 'stopped with outcomes not written');
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopping) {
      try {
        await this.#step();
        failures = 0;
      } catch (error) {
        failures += 1;
        // A claim may have been carried out all the same, and its answer lost: worker.release_unheld brings that to light.
        this.#doubtUntil = performance.now() + this.#options.leaseSeconds * 1000;
        this.#options.observer.lookFailed(error);
        this.#options.log.warn({ err: error, failures }, 'the database did not answer');
        await this.#wake.wait(backoffMs(failures));
      }
    }
  }

  async #step(): Promise<void> {
    const { concurrency, batchSize, pollIntervalMs } = this.#options;
    const isTime = performance.now() - this.#askedUnheldAt > ASK_UNHELD_EVERY_MS;
    if (isTime && performance.now() < this.#doubtUntil) await this.#releaseUnheld();
    if (this.#departures.room === 0) {
      await this.#wake.wait(pollIntervalMs);
      return;
    }
    const isWorthwhile = this.#departures.room >= Math.min(batchSize, concurrency / 4);
    if (!isWorthwhile && this.#rest.isBusy) await pause(GATHER_MS);
    const limit = Math.min(this.#departures.room, batchSize);
    if (limit === 0) return;
    const found = await this.#claim(limit);
    if (found === 0) await this.#rest.take();
    // Less than asked for: what there is comes in trickles, or has no line yet.
    else if (found < limit / 2) await pause(GATHER_MS);
  }

  async #claim(limit: number): Promise<number> {
    const { queue, leaseSeconds, observer, held, releases, completions } = this.#options;
    const jobs = await queue.claim(limit, leaseSeconds);
    observer.looked();
    if (jobs.length === 0) return 0;
    const answeredAt = performance.now();
    for (const job of jobs) held.add(job.attempt_id);
    this.#rest.found();
    observer.claimed(jobs);
    const worded = await wordJobs(jobs, this.#options);
    for (const outcome of worded.refused) completions.add(outcome, false);
    for (const attemptId of worded.released) releases.add(attemptId);
    this.#departures.add(worded.jobs, answeredAt);
    return jobs.length;
  }

  async #perform(job: WordedJob): Promise<void> {
    let result: TaskResult;
    try {
      result = await this.#options.task(job, this.#abort.signal);
    } catch (error) {
      // Nobody can tell how far it came, so nobody may send it again.
      this.#options.log.error({ err: error, job_id: job.job_id, attempt_id: job.attempt_id }, 'task threw');
      result = { kind: 'settled', outcome: { attempt_id: job.attempt_id, outcome: 'unknown' } };
    }
    if (result.kind === 'released') this.#options.releases.add(result.attemptId);
    else this.#options.completions.add(result.outcome, this.#departures.inFlight === 1);
  }

  /** No claim is under way when this is called, so what the database thinks we have and we do not never reached us. */
  async #releaseUnheld(): Promise<void> {
    const { queue, held, log } = this.#options;
    this.#askedUnheldAt = performance.now();
    const count = await queue.releaseUnheld(held.ids);
    if (count > 0) log.warn({ attempts: count }, 'given back what a lost answer had brought');
  }

  async #extendLeases(olderThanMs: number): Promise<void> {
    const held = this.#options.held.olderThan(olderThanMs);
    if (held.length === 0) return;
    try {
      await this.#options.queue.extend(held, this.#options.leaseSeconds);
    } catch (error) {
      this.#options.log.warn({ err: error, attempts: held.length }, 'leases not extended');
    }
  }
}
