import { setTimeout as pause } from 'node:timers/promises';
import { reportRetry, sendErrorFacts } from '@threadline/providers';
import type { HttpClient, ProviderAccount, StatusOutcome } from '@threadline/providers';
import type { Circuits } from '../accounts/circuits.ts';
import type { Logger } from '../logger.ts';
import type { Queue } from '../queue/queue.ts';
import type { MissingReport, ReportAnswer } from '../queue/shapes.ts';
import { Rounds } from './rounds.ts';

export interface MissingReportsOptions {
  readonly queue: Pick<Queue, 'claimMissingReports' | 'resolveMissingReport'>;
  readonly accounts: ReadonlyMap<string, ProviderAccount>;
  readonly circuits: Pick<Circuits, 'isOpen'>;
  readonly http: HttpClient;
  readonly everyMs: number;
  /** Milliseconds between two questions: they share the carrier's limits with what is being sent. */
  readonly spacingMs: number;
  readonly log: Logger;
  readonly onAnswer: (decision: string) => void;
}

const AT_ONCE = 20;
const TIMEOUT_MS = 10_000;
/** Longer than one round's questions take. */
const LEASE_SECONDS = 600;

/** Asks carriers, one question after the other, about messages they took and never reported on. */
export function createMissingReports(options: MissingReportsOptions): Rounds {
  const { queue, log } = options;
  const round = async (signal: AbortSignal) => {
    try {
      let reports: readonly MissingReport[] = [];
      do reports = await queue.claimMissingReports(AT_ONCE, LEASE_SECONDS);
      while ((await askAbout(reports, options, signal)) && reports.length === AT_ONCE);
    } catch (error) {
      log.warn({ err: error }, 'missing reports not asked for');
    }
  };
  return new Rounds({ everyMs: options.everyMs, round });
}

/** False when a carrier did not answer, which is no time to go on asking. What is left comes again after its lease. */
async function askAbout(
  reports: readonly MissingReport[],
  options: MissingReportsOptions,
  signal: AbortSignal,
): Promise<boolean> {
  for (const report of reports) {
    const outcome = await ask(report, options, signal);
    if (signal.aborted && outcome.kind === 'failed') return false;
    const decision = await options.queue.resolveMissingReport(report.attempt_id, answerOf(outcome));
    options.onAnswer(outcome.kind === 'failed' ? 'failed' : decision);
    const { organization_id, message_id, job_id, attempt_id, look_ups } = report;
    const ids = { organization_id, message_id, job_id, attempt_id };
    options.log.info({ ...ids, result: outcome.kind, decision, look_ups }, 'missing report asked for');
    if (outcome.kind === 'failed' && outcome.code !== 'credentials_missing') return false;
    await pause(options.spacingMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return false;
  }
  return true;
}

async function ask(
  report: MissingReport,
  options: MissingReportsOptions,
  signal: AbortSignal,
): Promise<StatusOutcome> {
  const account = options.accounts.get(report.credentials_ref);
  if (account === undefined || account.provider !== report.provider) return failed('credentials_missing');
  if (options.circuits.isOpen(report.provider_account_id)) return failed('provider_unreachable');
  const { provider_message_id: providerMessageId } = report;
  return account.readStatus({ providerMessageId, timeoutMs: TIMEOUT_MS, signal }, options.http);
}

function failed(code: 'credentials_missing' | 'provider_unreachable'): StatusOutcome {
  return { kind: 'failed', code, httpStatus: null, retryAfterSeconds: null };
}

function answerOf(outcome: StatusOutcome): ReportAnswer {
  if (outcome.kind === 'gone') return { kind: 'gone' };
  if (outcome.kind === 'failed') return { kind: 'failed', retry_after_seconds: outcome.retryAfterSeconds };
  const retry = outcome.code === null ? null : reportRetry(outcome.code);
  return {
    kind: 'known',
    status: outcome.status,
    provider_status: outcome.providerStatus,
    error_code: outcome.providerCode,
    error_text: outcome.code === null ? null : sendErrorFacts(outcome.code).userText,
    retry: retry === null ? null : { after_seconds: retry.afterSeconds, times: retry.times },
  };
}
