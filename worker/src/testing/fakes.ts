import { pino } from 'pino';
import type { ProviderAccount } from '@threadline/providers';
import type { AttemptOutcome } from '../queue/outcome.ts';
import type { ClaimedJob, ClaimedMedia, Queue, QueueDepth, SweepCounts } from '../queue/queue.ts';

export const silentLog = pino({ level: 'silent' });

/** An account at a carrier of which nothing is known; a test replaces what it asks of it. */
export const silentAccount: ProviderAccount = {
  provider: 'carrier',
  accountRef: 'AC1',
  senderPool: null,
  send: async () => ({ kind: 'unknown', code: 'no_answer', httpStatus: null }),
  lookUp: async () => ({ kind: 'none' }),
  cancelScheduled: async () => ({
    kind: 'failed',
    code: 'no_answer',
    httpStatus: null,
    retryAfterSeconds: null,
  }),
  verify: async () => 'invalid',
  attemptOf: async () => null,
  mediaHeaders: () => ({}),
};

let jobCount = 0;

export function sampleJob(changes: Partial<ClaimedJob> = {}): ClaimedJob {
  jobCount += 1;
  return {
    job_id: `job-${jobCount}`,
    attempt_id: `attempt-${jobCount}`,
    message_id: `message-${jobCount}`,
    organization_id: 'organization-1',
    thread_id: `thread-${jobCount}`,
    provider: 'carrier',
    credentials_ref: 'main',
    from: '+17735550002',
    to: '+13125550001',
    body: 'a text nobody may read in a log',
    messaging_service_sid: null,
    media_paths: [],
    retry_count: 0,
    queue: 'sms_queue',
    enqueued_at: new Date(),
    ...changes,
  };
}

/**
 * The database side of a worker, in memory: hands out what is enqueued, remembers what it is told, and notifies only
 * while somebody sleeps, as the SQL does.
 */
export class FakeQueue implements Queue {
  readonly waiting: ClaimedJob[] = [];
  readonly completed: AttemptOutcome[] = [];
  readonly batches: number[] = [];
  readonly released: string[] = [];
  readonly extended: string[] = [];
  readonly calls: string[] = [];
  /** Errors thrown by the next calls of a method, first come first thrown. */
  readonly failures: Partial<Record<keyof Queue, Error[]>> = {};
  notify: () => void = () => undefined;
  isAsleep = false;
  claimGate: Promise<undefined> = Promise.resolve(undefined);

  enqueue(...jobs: ClaimedJob[]): void {
    this.waiting.push(...jobs);
    if (this.isAsleep) this.notify();
  }

  async claim(limit: number): Promise<ClaimedJob[]> {
    this.#called('claim');
    const jobs = this.waiting.splice(0, limit);
    await this.claimGate;
    return jobs;
  }

  async complete(outcomes: readonly AttemptOutcome[]): Promise<number> {
    this.#called('complete');
    this.batches.push(outcomes.length);
    this.completed.push(...outcomes);
    return outcomes.length;
  }

  async release(attemptIds: readonly string[]): Promise<number> {
    this.#called('release');
    this.released.push(...attemptIds);
    return attemptIds.length;
  }

  async extend(attemptIds: readonly string[]): Promise<number> {
    this.#called('extend');
    this.extended.push(...attemptIds);
    return attemptIds.length;
  }

  async fallAsleep(): Promise<boolean> {
    this.#called('fallAsleep');
    this.isAsleep = this.waiting.length === 0;
    return this.isAsleep;
  }

  async wakeUp(): Promise<void> {
    this.#called('wakeUp');
    this.isAsleep = false;
  }

  async nextDue(): Promise<Date | null> {
    this.#called('nextDue');
    return null;
  }

  async sweep(): Promise<SweepCounts> {
    this.#called('sweep');
    return { skipped: false, attempts_lost: 0 };
  }

  async claimMedia(): Promise<ClaimedMedia[]> {
    this.#called('claimMedia');
    return [];
  }

  async completeMedia(): Promise<void> {
    this.#called('completeMedia');
  }

  async depths(): Promise<QueueDepth[]> {
    this.#called('depths');
    return [];
  }

  #called(method: keyof Queue): void {
    this.calls.push(method);
    const failure = this.failures[method]?.shift();
    if (failure !== undefined) throw failure;
  }
}

/** A promise and the means to settle it. */
export function gate(): { opened: Promise<undefined>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { opened: promise, open: () => resolve(undefined) };
}
