import { maskPhoneNumber } from '@threadline/messaging/mask-phone-number';
import type { HttpClient, ProviderAccount, SendOutcome } from '@threadline/providers';
import type { Logger } from '../logger.ts';
import { attemptOutcome, refusal } from '../queue/outcome.ts';
import type { AttemptOutcome, TaskResult } from '../queue/outcome.ts';
import type { ClaimedJob } from '../queue/queue.ts';

/** Milliseconds a carrier has to answer. What takes longer ends as unknown, so this is generous. */
const CARRIER_TIMEOUT_MS = 20_000;

export interface SendMessageDeps {
  readonly accounts: ReadonlyMap<string, ProviderAccount>;
  readonly http: HttpClient;
  readonly publicWebhookBase: string;
  /** Addresses the carrier can fetch stored pictures from for a while. */
  readonly signMediaUrls: (paths: readonly string[]) => Promise<readonly string[]>;
  readonly log: Logger;
  readonly observer: SendObserver;
}

export interface SendObserver {
  callStarted(job: ClaimedJob): void;
  callEnded(job: ClaimedJob, seconds: number): void;
  settled(outcome: AttemptOutcome): void;
}

/** Offers a claimed job to its carrier, once; what came of it is the result. */
export function createSendMessage(deps: SendMessageDeps) {
  return async (job: ClaimedJob, signal: AbortSignal): Promise<TaskResult> => {
    if (signal.aborted) return { kind: 'released', attemptId: job.attempt_id };
    const account = deps.accounts.get(job.credentials_ref);
    if (account === undefined || account.provider !== job.provider) {
      return settle(deps, job, refusal(job.attempt_id, 'not_sent', 'credentials_missing'));
    }
    const mediaUrls = await signedMedia(deps, job);
    if (mediaUrls === null)
      return settle(deps, job, refusal(job.attempt_id, 'not_sent', 'attachment_unavailable'));
    const outcome = await callCarrier(deps, account, job, mediaUrls, signal);
    if (outcome.kind === 'not_sent' && outcome.code === 'stopped_before_sending') {
      return { kind: 'released', attemptId: job.attempt_id };
    }
    return settle(deps, job, attemptOutcome(job.attempt_id, outcome));
  };
}

async function signedMedia(deps: SendMessageDeps, job: ClaimedJob): Promise<readonly string[] | null> {
  if (job.media_paths.length === 0) return [];
  try {
    return await deps.signMediaUrls(job.media_paths);
  } catch (error) {
    deps.log.warn({ err: error, ...identify(job) }, 'media addresses not signed');
    return null;
  }
}

async function callCarrier(
  deps: SendMessageDeps,
  account: ProviderAccount,
  job: ClaimedJob,
  mediaUrls: readonly string[],
  signal: AbortSignal,
): Promise<SendOutcome> {
  const startedAt = performance.now();
  deps.observer.callStarted(job);
  const outcome = await account.send(
    {
      attemptId: job.attempt_id,
      from: job.from,
      to: job.to,
      body: job.body,
      senderPool: job.messaging_service_sid,
      mediaUrls,
      publicWebhookBase: deps.publicWebhookBase,
      timeoutMs: CARRIER_TIMEOUT_MS,
      signal,
    },
    deps.http,
  );
  deps.observer.callEnded(job, (performance.now() - startedAt) / 1000);
  return outcome;
}

function settle(deps: SendMessageDeps, job: ClaimedJob, outcome: AttemptOutcome): TaskResult {
  deps.observer.settled(outcome);
  const facts = {
    ...identify(job),
    outcome: outcome.outcome,
    provider_message_id: outcome.provider_message_id,
    error_code: outcome.error_code,
    error: outcome.error_message,
  };
  if (outcome.outcome === 'accepted') deps.log.info(facts, 'message accepted');
  else if (outcome.error_class === 'account')
    deps.log.error({ ...facts, alert: true }, 'account cannot send');
  else deps.log.warn(facts, outcome.outcome === 'unknown' ? 'outcome unknown' : 'message not sent');
  return { kind: 'settled', outcome };
}

function identify(job: ClaimedJob) {
  return {
    organization_id: job.organization_id,
    message_id: job.message_id,
    job_id: job.job_id,
    attempt_id: job.attempt_id,
    to: maskPhoneNumber(job.to),
  };
}
