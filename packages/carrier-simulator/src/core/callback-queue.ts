import type { FaultInjector } from './faults.ts';
import { isFinal, type CarrierMessage, type CarrierStatus } from './message.ts';
import { noReceipt } from './delivery-endings.ts';
import type { WebhookAttempt, WebhookClient, WebhookRequest } from './webhook-client.ts';

/** A status as it was when it was reached; later changes of the message do not reach into it. */
export interface StatusReport {
  message: CarrierMessage;
  status: CarrierStatus;
  errorCode: number | null;
  errorMessage: string | null;
  duplicate: boolean;
  /** To be lost: it takes its turn, but is not posted. */
  lost: boolean;
}

/** Puts a report into the words of the client's API; null when the client asked for none. */
export type ReportWriter = (report: StatusReport) => WebhookRequest | null;

/**
 * Tells clients what became of their messages. Callbacks of one message go one after the other, callbacks of different
 * messages side by side up to a limit; injected faults delay, double, swap or swallow them.
 */
export class CallbackQueue {
  readonly #faults: FaultInjector;
  readonly #client: WebhookClient;
  readonly #write: ReportWriter;
  readonly #limit: number;
  readonly #waiting: StatusReport[][] = [];
  #nextWaiting = 0;
  #inFlight = 0;
  #epoch = 0;
  /** Reports of each message not yet posted; a message is present while somebody works on it. */
  readonly #lanes = new Map<CarrierMessage, StatusReport[]>();
  /** Reports held back until the last one has gone ahead of them. */
  readonly #held = new Map<CarrierMessage, StatusReport[]>();

  constructor(parts: { faults: FaultInjector; client: WebhookClient; write: ReportWriter; limit: number }) {
    this.#faults = parts.faults;
    this.#client = parts.client;
    this.#write = parts.write;
    this.#limit = parts.limit;
  }

  /** Callbacks not yet posted. */
  get backlog(): number {
    let count = this.#inFlight;
    for (const lane of this.#lanes.values()) count += lane.length;
    return count;
  }

  report(message: CarrierMessage, status: CarrierStatus): void {
    if (message.statusCallback === null) return;
    const { errorCode, errorMessage } = message;
    const report = { message, status, errorCode, errorMessage, duplicate: false, lost: false };
    for (const released of this.#inOrder(report)) this.#submit(released);
  }

  reset(): void {
    this.#epoch += 1;
    this.#lanes.clear();
    this.#held.clear();
    this.#waiting.length = 0;
    this.#nextWaiting = 0;
  }

  #inOrder(report: StatusReport): StatusReport[] {
    const { message, status } = report;
    const held = this.#held.get(message);
    if (!held && !this.#faults.reorders(message.faultKey)) return [report];
    const last = isFinal(status) || (status === 'sent' && message.doom === noReceipt);
    if (!last) {
      if (held) held.push(report);
      else this.#held.set(message, [report]);
      return [];
    }
    this.#held.delete(message);
    return [report, ...(held ?? []).reverse()];
  }

  #submit(report: StatusReport): void {
    const { message, status } = report;
    const fault = this.#faults.forCallback(message.faultKey, status);
    const first = { ...report, lost: fault.drop };
    const reports = fault.duplicate && !fault.drop ? [first, { ...first, duplicate: true }] : [first];
    if (fault.delayMs === 0) {
      this.#enter(message, reports);
      return;
    }
    const epoch = this.#epoch;
    setTimeout(() => {
      if (epoch === this.#epoch) this.#enter(message, reports);
    }, fault.delayMs).unref();
  }

  #enter(message: CarrierMessage, reports: StatusReport[]): void {
    const lane = this.#lanes.get(message);
    if (lane) {
      lane.push(...reports);
      return;
    }
    this.#lanes.set(message, reports);
    if (this.#inFlight < this.#limit) void this.#drain(reports);
    else this.#waiting.push(reports);
  }

  async #drain(lane: StatusReport[]): Promise<void> {
    const epoch = this.#epoch;
    this.#inFlight += 1;
    for (let report = lane.shift(); report && epoch === this.#epoch; report = lane.shift()) {
      await this.#post(report);
      if (lane.length === 0 && epoch === this.#epoch) this.#lanes.delete(report.message);
    }
    this.#inFlight -= 1;
    const next = this.#waiting[this.#nextWaiting];
    if (!next) return;
    this.#nextWaiting += 1;
    if (this.#nextWaiting > 1000 && this.#nextWaiting * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#nextWaiting);
      this.#nextWaiting = 0;
    }
    void this.#drain(next);
  }

  async #post(report: StatusReport): Promise<void> {
    if (report.lost) {
      record(report, { at: Date.now(), durationMs: 0, httpStatus: null, error: null }, 0);
      return;
    }
    const webhook = this.#write(report);
    if (!webhook) return;
    let attempts = 0;
    await this.#client.post(webhook, (attempt) => record(report, attempt, ++attempts));
  }
}

function record(
  report: StatusReport,
  attempt: Omit<WebhookAttempt, 'body' | 'contentType'>,
  number: number,
): void {
  report.message.callbacks.push({
    status: report.status,
    at: attempt.at,
    durationMs: attempt.durationMs,
    attempt: number,
    httpStatus: attempt.httpStatus,
    error: attempt.error,
    duplicate: report.duplicate,
    dropped: report.lost,
  });
}
