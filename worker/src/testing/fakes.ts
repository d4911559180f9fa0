import { pino } from 'pino';
import type { InboundRecord, ProviderAccount } from '@threadline/providers';
import type { AttemptOutcome } from '../queue/outcome.ts';
import type { EngineState } from '../engine-metrics.ts';
import type { WordedJob, ClaimedJob } from '../queue/claimed-job.ts';
import type { Queue } from '../queue/queue.ts';
import type {
  AccountEvent,
  ClaimedMedia,
  FrozenText,
  InboundLook,
  LookResult,
  LookUpResult,
  MissingReport,
  RecallResult,
  ReportAnswer,
  SweepCounts,
  TakenText,
  UnknownAttempt,
  WantedRecall,
} from '../queue/shapes.ts';

export const silentLog = pino({ level: 'silent' });

/** An account at a carrier of which nothing is known; a test replaces what it asks of it. */
export const silentAccount: ProviderAccount = {
  provider: 'carrier',
  accountRef: 'AC1',
  senderPool: null,
  send: async () => ({ kind: 'unknown', code: 'no_answer', httpStatus: null }),
  lookUp: async () => ({ kind: 'none' }),
  readStatus: async () => ({ kind: 'gone' }),
  listInbound: async () => ({ kind: 'page', texts: [], next: null }),
  readInbound: async () => ({ kind: 'gone' }),
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

export function sampleJob(changes: Partial<WordedJob> = {}): WordedJob {
  jobCount += 1;
  return {
    job_id: `job-${jobCount}`,
    attempt_id: `attempt-${jobCount}`,
    message_id: `message-${jobCount}`,
    organization_id: 'organization-1',
    thread_id: `thread-${jobCount}`,
    provider_account_id: 'account-1',
    provider: 'carrier',
    credentials_ref: 'main',
    from: '+17735550002',
    to: '+13125550001',
    body: 'a text nobody may read in a log',
    template: null,
    messaging_service_sid: null,
    media_paths: [],
    schedule_at: null,
    retry_count: 0,
    queue: 'sms_queue',
    send_after_ms: 0,
    is_probe: false,
    waited_seconds: 0,
    claimed_at: performance.now(),
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
  readonly frozen: FrozenText[] = [];
  readonly confirmed: string[][] = [];
  readonly reports: { account: string; event: AccountEvent }[] = [];
  readonly unknown: UnknownAttempt[] = [];
  readonly resolved: { attemptId: string; result: LookUpResult }[] = [];
  readonly recalls: WantedRecall[] = [];
  readonly recalled: { recallId: string; result: RecallResult }[] = [];
  readonly unreported: MissingReport[] = [];
  readonly answers: { attemptId: string; answer: ReportAnswer }[] = [];
  readonly looks: InboundLook[] = [];
  /** Texts that came by themselves, by the carrier's ids. */
  readonly knownTexts = new Set<string>();
  readonly taken: InboundRecord[] = [];
  readonly lookedAt: { phoneNumberId: string; result: LookResult }[] = [];
  readonly heldWhenAsked: string[][] = [];
  /** Attempts that must not go any more: their recipients said STOP. */
  readonly stopped = new Set<string>();
  /** Errors thrown by the next calls of a method, first come first thrown. */
  readonly failures: Partial<Record<keyof Queue, Error[]>> = {};
  notify: () => void = () => undefined;
  /** Carrier events to act on again. */
  eventsDue = 0;
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

  async freeze(texts: readonly FrozenText[]) {
    this.#called('freeze');
    this.frozen.push(...texts);
    return texts.map((text) => ({ ...text, message_id: `message of ${text.attempt_id}` }));
  }

  async confirm(attemptIds: readonly string[]): Promise<string[]> {
    this.#called('confirm');
    this.confirmed.push([...attemptIds]);
    return attemptIds.filter((id) => !this.stopped.has(id));
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

  async releaseUnheld(heldIds: readonly string[]): Promise<number> {
    this.#called('releaseUnheld');
    this.heldWhenAsked.push([...heldIds]);
    return 0;
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

  async nextDueMs(): Promise<number | null> {
    this.#called('nextDueMs');
    return null;
  }

  async sweep(): Promise<SweepCounts> {
    this.#called('sweep');
    return { skipped: false, attempts_lost: 0 };
  }

  async replayEvent(): Promise<boolean> {
    this.#called('replayEvent');
    if (this.eventsDue === 0) return false;
    this.eventsDue -= 1;
    return true;
  }

  async claimMedia(): Promise<ClaimedMedia[]> {
    this.#called('claimMedia');
    return [];
  }

  async completeMedia(): Promise<void> {
    this.#called('completeMedia');
  }

  async reportAccount(account: string, event: AccountEvent): Promise<void> {
    this.#called('reportAccount');
    this.reports.push({ account, event });
  }

  async claimUnknown(limit: number): Promise<UnknownAttempt[]> {
    this.#called('claimUnknown');
    return this.unknown.splice(0, limit);
  }

  async resolveUnknown(attemptId: string, result: LookUpResult): Promise<string> {
    this.#called('resolveUnknown');
    this.resolved.push({ attemptId, result });
    return result.kind === 'found' ? 'found' : 'later';
  }

  async claimRecalls(limit: number): Promise<WantedRecall[]> {
    this.#called('claimRecalls');
    return this.recalls.splice(0, limit);
  }

  async resolveRecall(recallId: string, result: RecallResult): Promise<string> {
    this.#called('resolveRecall');
    this.recalled.push({ recallId, result });
    return result.kind === 'cancelled' ? 'recalled' : 'later';
  }

  async claimMissingReports(limit: number): Promise<MissingReport[]> {
    this.#called('claimMissingReports');
    return this.unreported.splice(0, limit);
  }

  async resolveMissingReport(attemptId: string, answer: ReportAnswer): Promise<string> {
    this.#called('resolveMissingReport');
    this.answers.push({ attemptId, answer });
    return answer.kind === 'known' ? 'reported' : 'later';
  }

  async claimInboundLooks(limit: number): Promise<InboundLook[]> {
    this.#called('claimInboundLooks');
    return this.looks.splice(0, limit);
  }

  async unknownTexts(_phoneNumberId: string, ids: readonly string[]): Promise<string[]> {
    this.#called('unknownTexts');
    return ids.filter((id) => !this.knownTexts.has(id));
  }

  async takeMissingText(_phoneNumberId: string, text: InboundRecord): Promise<TakenText> {
    this.#called('takeMissingText');
    const id = String(text['provider_message_id']);
    if (this.knownTexts.has(id)) return { outcome: 'duplicate' };
    this.knownTexts.add(id);
    this.taken.push(text);
    return { outcome: 'processed' };
  }

  async resolveInboundLook(phoneNumberId: string, result: LookResult): Promise<void> {
    this.#called('resolveInboundLook');
    this.lookedAt.push({ phoneNumberId, result });
  }

  async engineState(): Promise<EngineState> {
    this.#called('engineState');
    return {
      queues: [],
      jobs: {},
      oldest_due_seconds: null,
      attempts_in_flight: 0,
      unknown_attempts: 0,
      failed_events: 0,
      accounts: [],
      open_alerts: {},
    };
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
