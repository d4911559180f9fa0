import { maskPhoneNumber } from '@threadline/messaging/mask-phone-number';
import type { HttpClient, ProviderAccount, SendOutcome } from '@threadline/providers';
import type { Circuits } from '../accounts/circuits.ts';
import type { Logger } from '../logger.ts';
import type { WordedJob } from '../queue/claimed-job.ts';
import { attemptOutcome, refusal } from '../queue/outcome.ts';
import type { AttemptOutcome, TaskResult } from '../queue/outcome.ts';

/** Milliseconds a carrier has to answer. What takes longer ends as unknown, so this is generous. */
const CARRIER_TIMEOUT_MS = 20_000;
/** What this worker lacks another may have, and an operator may add: the job waits a little and uses up no try. */
const NO_CREDENTIALS_WAIT_SECONDS = 5;

export interface SendMessageDeps {
  readonly accounts: ReadonlyMap<string, ProviderAccount>;
  readonly circuits: Pick<Circuits, 'run'>;
  readonly http: HttpClient;
  readonly publicWebhookBase: string;
  /** Addresses the carrier can fetch stored pictures from for a while. */
  readonly signMediaUrls: (paths: readonly string[]) => Promise<readonly string[]>;
  readonly log: Logger;
  readonly observer: SendObserver;
}

export interface SendObserver {
  callStarted(job: WordedJob): void;
  callEnded(job: WordedJob, seconds: number): void;
  settled(outcome: AttemptOutcome): void;
}

/** Offers a claimed job to its carrier, once; what came of it is the result. */
export function createSendMessage(deps: SendMessageDeps) {
  return async (job: WordedJob, signal: AbortSignal): Promise<TaskResult> => {
    if (signal.aborted) return released(job);
    const account = deps.accounts.get(job.credentials_ref);
    if (account === undefined || account.provider !== job.provider) {
      const wait = { retry_after_seconds: NO_CREDENTIALS_WAIT_SECONDS };
      return settle(deps, job, { ...refusal(job.attempt_id, 'later', 'credentials_missing'), ...wait });
    }
    const mediaUrls = await signedMedia(deps, job);
    if (mediaUrls === null)
      return settle(deps, job, refusal(job.attempt_id, 'not_sent', 'attachment_unavailable'));
    const call = () => callCarrier(deps, account, job, mediaUrls, signal);
    const outcome = await deps.circuits.run(job, call, signal);
    if (outcome === null) return released(job);
    if (outcome.kind === 'not_sent' && outcome.code === 'stopped_before_sending') return released(job);
    return settle(deps, job, attemptOutcome(job.attempt_id, outcome));
  };
}

function released(job: WordedJob): TaskResult {
  return { kind: 'released', attemptId: job.attempt_id };
}

async function signedMedia(deps: SendMessageDeps, job: WordedJob): Promise<readonly string[] | null> {
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
  job: WordedJob,
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
      scheduleAt: job.schedule_at,
      timeoutMs: CARRIER_TIMEOUT_MS,
      signal,
    },
    deps.http,
  );
  deps.observer.callEnded(job, (performance.now() - startedAt) / 1000);
  return outcome;
}

function settle(deps: SendMessageDeps, job: WordedJob, outcome: AttemptOutcome): TaskResult {
  deps.observer.settled(outcome);
  const level = levelOf(outcome);
  // Thousands a second succeed, and the database has each of them: a line for every one would cost more than the call.
  if (deps.log.isLevelEnabled(level)) deps.log[level](describe(job, outcome), sayingOf(outcome));
  return { kind: 'settled', outcome };
}

function levelOf(outcome: AttemptOutcome): 'debug' | 'warn' | 'error' {
  if (outcome.outcome === 'accepted') return 'debug';
  return outcome.error_class === 'account' ? 'error' : 'warn';
}

function sayingOf(outcome: AttemptOutcome): string {
  if (outcome.outcome === 'accepted') return 'message accepted';
  if (outcome.error_class === 'account') return 'account cannot send';
  return outcome.outcome === 'unknown' ? 'outcome unknown' : 'message not sent';
}

function describe(job: WordedJob, outcome: AttemptOutcome) {
  return {
    ...identify(job),
    outcome: outcome.outcome,
    provider_message_id: outcome.provider_message_id,
    error_code: outcome.error_code,
    error: outcome.error_message,
    ...(outcome.error_class === 'account' ? { alert: true } : {}),
  };
}

function identify(job: WordedJob) {
  return {
    organization_id: job.organization_id,
    message_id: job.message_id,
    job_id: job.job_id,
    attempt_id: job.attempt_id,
    to: maskPhoneNumber(job.to),
  };
}
