import { setTimeout as pause } from 'node:timers/promises';
import type { HttpClient, ProviderAccount } from '@threadline/providers';
import type { Circuits } from '../accounts/circuits.ts';
import { backoffMs } from '../backoff.ts';
import { Latch } from '../latch.ts';
import type { Logger } from '../logger.ts';
import type { Queue, RecallResult, WantedRecall } from '../queue/queue.ts';

export interface RecallsOptions {
  readonly queue: Pick<Queue, 'claimRecalls' | 'resolveRecall'>;
  readonly accounts: ReadonlyMap<string, ProviderAccount>;
  readonly circuits: Pick<Circuits, 'isOpen'>;
  readonly http: HttpClient;
  readonly pollIntervalMs: number;
  readonly log: Logger;
  readonly onAnswered: (result: string) => void;
}

/** A STOP has one or two; a cancelled campaign has thousands, and shares the account's lines with what is being sent. */
const AT_ONCE = 5;
/** Milliseconds the carrier has for each of the two requests of a recall. */
const TIMEOUT_MS = 10_000;
/** Longer than both, and the writing of what came of them. */
const LEASE_SECONDS = 60;
const WRITE_TRIES = 5;

/**
 * Takes messages back that wait at their carriers. Asking twice does no harm, so stopping breaks it off and the lease
 * brings it back, to this worker or another.
 */
export class Recalls {
  readonly #options: RecallsOptions;
  readonly #wake = new Latch();
  readonly #abort = new AbortController();
  #loop: Promise<void> | null = null;

  constructor(options: RecallsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Somebody may want something back. */
  look(): void {
    this.#wake.set();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#wake.set();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#abort.signal.aborted) {
      try {
        const wanted = await this.#options.queue.claimRecalls(AT_ONCE, LEASE_SECONDS);
        failures = 0;
        await Promise.all(wanted.map((recall) => this.#recall(recall)));
        if (wanted.length === 0) await this.#wake.wait(this.#options.pollIntervalMs);
      } catch (error) {
        failures += 1;
        this.#options.log.warn({ err: error, failures }, 'recalls not claimed');
        await this.#wake.wait(backoffMs(failures));
      }
    }
  }

  async #recall(recall: WantedRecall): Promise<void> {
    const result = await this.#ask(recall);
    // Broken off by us, which says nothing about the message.
    if (this.#abort.signal.aborted && result.kind === 'failed') return;
    for (let tries = 1; tries <= WRITE_TRIES; tries += 1) {
      try {
        this.#report(recall, result, await this.#options.queue.resolveRecall(recall.recall_id, result));
        return;
      } catch (error) {
        this.#options.log.warn({ err: error, ...identify(recall), tries }, 'recall not written');
        await pause(backoffMs(tries));
      }
    }
  }

  async #ask(recall: WantedRecall): Promise<RecallResult> {
    const { accounts, circuits, http } = this.#options;
    const account = accounts.get(recall.credentials_ref);
    if (account === undefined || account.provider !== recall.provider) {
      return { kind: 'failed', error_code: 'credentials_missing' };
    }
    if (circuits.isOpen(recall.provider_account_id)) {
      return { kind: 'failed', error_code: 'provider_unreachable' };
    }
    const request = {
      providerMessageId: recall.provider_message_id,
      timeoutMs: TIMEOUT_MS,
      signal: this.#abort.signal,
    };
    const outcome = await account.cancelScheduled(request, http);
    switch (outcome.kind) {
      case 'cancelled':
        return {
          kind: 'cancelled',
          provider_status: outcome.providerStatus,
          http_status: outcome.httpStatus,
        };
      case 'refused': {
        // It may be too late, or this message was cancelled before, by a worker that could not tell any more.
        const error_code = outcome.providerCode ?? outcome.code;
        return { error_code, ...(await readStatus(account, request, http)) };
      }
      case 'failed':
        return failed(outcome);
    }
  }

  #report(recall: WantedRecall, result: RecallResult, decision: string): void {
    const { log, onAnswered } = this.#options;
    onAnswered(result.kind);
    const facts = { ...identify(recall), reason: recall.reason, tries: recall.tries, ...result, decision };
    if (decision === 'too_late' || decision === 'unconfirmed') {
      log.error({ ...facts, alert: true }, 'a message that was to be taken back may have gone out');
    } else log.info(facts, 'carrier asked to cancel a message');
  }
}

type CarrierRequest = Parameters<ProviderAccount['readStatus']>[0];

async function readStatus(
  account: ProviderAccount,
  request: CarrierRequest,
  http: HttpClient,
): Promise<RecallResult> {
  const answer = await account.readStatus(request, http);
  switch (answer.kind) {
    case 'known': {
      const provider_status = answer.providerStatus;
      if (answer.status === 'cancelled') return { kind: 'cancelled', provider_status };
      // A status we do not know is at least none in which it waits.
      return { kind: 'too_late', provider_status, status: answer.status ?? 'sent' };
    }
    case 'gone':
      return { kind: 'not_found' };
    case 'failed':
      return failed(answer);
  }
}

function failed(failure: {
  readonly code: string;
  readonly httpStatus: number | null;
  readonly retryAfterSeconds: number | null;
}): RecallResult {
  return {
    kind: 'failed',
    error_code: failure.code,
    http_status: failure.httpStatus,
    retry_after_seconds: failure.retryAfterSeconds,
  };
}

function identify(recall: WantedRecall) {
  return {
    organization_id: recall.organization_id,
    message_id: recall.message_id,
    job_id: recall.job_id,
    attempt_id: recall.attempt_id,
    recall_id: recall.recall_id,
  };
}
