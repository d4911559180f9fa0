import type { HttpClient, ProviderAccount } from '@threadline/providers';
import type { Circuits } from '../accounts/circuits.ts';
import type { Logger } from '../logger.ts';
import type { Queue } from '../queue/queue.ts';
import type { RecallResult, WantedRecall } from '../queue/shapes.ts';
import { ClaimLoop, writeOutcome } from './claim-loop.ts';

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

/** Takes messages back that wait at their carriers. */
export class Recalls extends ClaimLoop<WantedRecall> {
  constructor(options: RecallsOptions) {
    super({
      name: 'recalls',
      claim: () => options.queue.claimRecalls(AT_ONCE, LEASE_SECONDS),
      perform: (recall, signal) => takeBack(options, recall, signal),
      pollIntervalMs: options.pollIntervalMs,
      log: options.log,
    });
  }
}

async function takeBack(options: RecallsOptions, recall: WantedRecall, signal: AbortSignal): Promise<void> {
  const result = await askCarrier(options, recall, signal);
  // Broken off by us, which says nothing about the message.
  if (signal.aborted && result.kind === 'failed') return;
  await writeOutcome(
    async () => report(options, recall, result, await options.queue.resolveRecall(recall.recall_id, result)),
    (error, tries) => options.log.warn({ err: error, ...identify(recall), tries }, 'recall not written'),
  );
}

async function askCarrier(
  { accounts, circuits, http }: RecallsOptions,
  recall: WantedRecall,
  signal: AbortSignal,
): Promise<RecallResult> {
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
    signal,
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

function report(
  { log, onAnswered }: RecallsOptions,
  recall: WantedRecall,
  result: RecallResult,
  decision: string,
): void {
  onAnswered(result.kind);
  const facts = { ...identify(recall), reason: recall.reason, tries: recall.tries, ...result, decision };
  if (decision === 'too_late' || decision === 'unconfirmed') {
    log.error({ ...facts, alert: true }, 'a message that was to be taken back may have gone out');
  } else log.info(facts, 'carrier asked to cancel a message');
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
