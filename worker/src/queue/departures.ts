import type { Logger } from '../logger.ts';
import type { WordedJob } from './claimed-job.ts';
import type { Queue } from './queue.ts';

export interface DeparturesOptions {
  readonly queue: Pick<Queue, 'confirm'>;
  /** Calls under way at once. One that lasts unusually long gives its place to another. */
  readonly concurrency: number;
  /** Offers the job to its carrier; resolves when that is over, and never rejects. */
  readonly depart: (job: WordedJob) => Promise<void>;
  /** Gives the job back: it must not go, or not by us. */
  readonly turnBack: (job: WordedJob) => void;
  /** There is room for more. */
  readonly onRoom: () => void;
  readonly log: Logger;
}

/** How long the database's word that a job may go is taken as fresh. After that, somebody may have said STOP. */
const FRESH_MS = 60;
/** How long before its time a job is asked about once more, so that the answer is there when its time comes. */
const LEAD_MS = 20;
/** Those due this soon after the first are asked about in the same statement. */
const COMPANY_MS = 20;
/**
 * A job that waited for its slot and is this late, as after a standstill of the whole process, does not go: all that
 * became late together would leave together and break the pace. It gets another slot.
 */
const TOO_LATE_MS = 90;
/**
 * What the database was asked about longer ago than this does not go: the process stood still, for all we know until our
 * lease was over and others went on with the thread. With the time a call may take it stays well within the lease.
 */
const STALE_MS = 5_000;
/** How far ahead of free places jobs are held ready. */
const AHEAD_MS = 40;
/** A call that lasts longer than this no longer keeps others from their places. */
const LONG_CALL_MS = 2_000;
/** How many times `concurrency` such calls there may be. */
const LONG_CALLS = 3;
/** Jobs waiting for their time, at most: what paced numbers may keep in our hands. */
const MOST_WAITING = 2_000;

interface Departure {
  readonly job: WordedJob;
  /** By performance.now(). */
  readonly dueAt: number;
  /** When the claim said that it may go. */
  readonly vettedAt: number;
  /** When the database was asked whether it may go, be it by the claim: what it answered was true after that. */
  readonly askedAt: number;
}

function isFresh({ dueAt, vettedAt, askedAt }: Departure, now: number): boolean {
  return dueAt - vettedAt <= FRESH_MS && now - vettedAt <= FRESH_MS && now - askedAt <= STALE_MS;
}

/**
 * The way from the claim to the wire. A job leaves when its time has come and a place is free; one that waited is
 * confirmed just before. What waits takes no place, so a slow number never stands in another's way.
 */
export class Departures {
  readonly #options: DeparturesOptions;
  /** By time of departure. */
  #line: Departure[] = [];
  #doubtful: Departure[] = [];
  #confirming: Promise<void> | null = null;
  readonly #onTheWay = new Map<Departure, NodeJS.Timeout>();
  readonly #calls = new Map<string, { readonly startedAt: number; readonly over: Promise<void> }>();
  #reserved = 0;
  #longCalls = new Set<string>();
  /** How long a call lasts, as a moving mean. */
  #callMs = 50;
  #timer: NodeJS.Timeout | null = null;
  #isHalted = false;

  constructor(options: DeparturesOptions) {
    this.#options = options;
  }

  /** Carrier calls under way. */
  get inFlight(): number {
    return this.#calls.size;
  }

  /** Jobs in hand that are not yet offered to their carrier. */
  get waiting(): number {
    return this.#line.length + this.#reserved;
  }

  /** How many jobs more are of use: enough to fill the places, and a few that are ready when one comes free. */
  get room(): number {
    const soon = performance.now() + FRESH_MS;
    let ready = 0;
    for (const departure of this.#line) {
      if (departure.dueAt > soon) break;
      ready += 1;
    }
    const { concurrency } = this.#options;
    const ahead = Math.ceil((concurrency * Math.min(AHEAD_MS, this.#callMs)) / (2 * this.#callMs));
    const useful = concurrency + ahead - this.#taken - ready;
    return Math.max(0, Math.min(useful, MOST_WAITING - this.#line.length));
  }

  /** @param vettedAt when the claim was answered, by performance.now(); pauses count from there */
  add(jobs: readonly WordedJob[], vettedAt: number): void {
    if (this.#isHalted) {
      for (const job of jobs) this.#options.turnBack(job);
      return;
    }
    for (const job of jobs) {
      this.#line.push({ job, dueAt: vettedAt + job.send_after_ms, vettedAt, askedAt: job.claimed_at });
    }
    this.#line.sort((a, b) => a.dueAt - b.dueAt);
    this.#proceed();
  }

  /** Nothing leaves any more: what has not left is turned back at once. */
  halt(): void {
    this.#isHalted = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const timer of this.#onTheWay.values()) clearTimeout(timer);
    const left = [...this.#line, ...this.#doubtful, ...this.#onTheWay.keys()];
    this.#reserved -= this.#doubtful.length + this.#onTheWay.size;
    this.#line = [];
    this.#doubtful = [];
    this.#onTheWay.clear();
    for (const { job } of left) this.#options.turnBack(job);
  }

  /** Resolves when no call is under way, nor about to be. */
  async settled(): Promise<void> {
    await this.#confirming;
    while (this.#calls.size > 0) await Promise.all([...this.#calls.values()].map((call) => call.over));
  }

  get #taken(): number {
    return this.#calls.size - this.#longCalls.size + this.#reserved;
  }

  #proceed(): void {
    if (this.#isHalted) return;
    const now = performance.now();
    let passed = 0;
    for (const departure of this.#line) {
      if (departure.dueAt - LEAD_MS - COMPANY_MS > now || !this.#hasPlace(now)) break;
      passed += 1;
      this.#reserved += 1;
      if (isFresh(departure, now)) this.#leaveInTime(departure);
      else this.#doubtful.push(departure);
    }
    if (passed > 0) this.#line = this.#line.slice(passed);
    if (this.#doubtful.length > 0) this.#confirm();
    this.#proceedWhenDue(now);
  }

  #hasPlace(now: number): boolean {
    if (this.#taken < this.#options.concurrency) return true;
    for (const [attemptId, { startedAt }] of this.#calls) {
      if (now - startedAt < LONG_CALL_MS || this.#longCalls.size >= LONG_CALLS * this.#options.concurrency)
        break;
      this.#longCalls.add(attemptId);
    }
    return this.#taken < this.#options.concurrency;
  }

  #proceedWhenDue(now: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const next = this.#line[0];
    if (next === undefined) return;
    // Without a free place the end of a call comes first; the timer is for calls that have become long ones.
    const isFull = this.#taken >= this.#options.concurrency;
    const delay = isFull ? LONG_CALL_MS / 4 : Math.max(0, next.dueAt - LEAD_MS - now);
    this.#timer = setTimeout(() => this.#proceed(), delay);
  }

  /** One statement at a time; what becomes doubtful meanwhile goes into the next. */
  #confirm(): void {
    this.#confirming ??= this.#confirmAll().finally(() => {
      this.#confirming = null;
      if (this.#doubtful.length > 0) this.#confirm();
    });
  }

  async #confirmAll(): Promise<void> {
    while (this.#doubtful.length > 0) {
      const batch = this.#doubtful;
      this.#doubtful = [];
      const askedAt = performance.now();
      const permitted = await this.#ask(batch);
      for (const departure of batch) {
        if (permitted.has(departure.job.attempt_id) && !this.#isHalted)
          this.#leaveInTime({ ...departure, askedAt });
        else this.#turnBack(departure);
      }
    }
  }

  async #ask(batch: readonly Departure[]): Promise<ReadonlySet<string>> {
    try {
      return new Set(await this.#options.queue.confirm(batch.map(({ job }) => job.attempt_id)));
    } catch (error) {
      // Nobody can tell whether they may still go, so they do not.
      this.#options.log.warn({ err: error, attempts: batch.length }, 'departures not confirmed');
      return new Set();
    }
  }

  #leaveInTime(departure: Departure): void {
    const delay = departure.dueAt - performance.now();
    if (delay < 1) {
      this.#leave(departure);
      return;
    }
    const timer = setTimeout(() => {
      this.#onTheWay.delete(departure);
      this.#leave(departure);
    }, delay);
    this.#onTheWay.set(departure, timer);
  }

  #leave(departure: Departure): void {
    const { job, dueAt } = departure;
    const startedAt = performance.now();
    const isTooLate = job.send_after_ms > FRESH_MS && startedAt - dueAt > TOO_LATE_MS;
    if (isTooLate || startedAt - departure.askedAt > STALE_MS) {
      this.#turnBack(departure);
      return;
    }
    this.#reserved -= 1;
    const over = this.#options.depart(job).finally(() => {
      this.#callMs += (performance.now() - startedAt - this.#callMs) / 20;
      this.#calls.delete(job.attempt_id);
      this.#longCalls.delete(job.attempt_id);
      this.#placeCameFree();
    });
    this.#calls.set(job.attempt_id, { startedAt, over });
  }

  #turnBack({ job }: Departure): void {
    this.#reserved -= 1;
    this.#options.turnBack(job);
    this.#placeCameFree();
  }

  #placeCameFree(): void {
    if (this.#line.length > 0) this.#proceed();
    this.#options.onRoom();
  }
}
