import { createHash } from 'node:crypto';
import { sendErrorFacts } from '@threadline/providers';
import type { HttpClient, LookUpOutcome, ProviderAccount } from '@threadline/providers';
import type { Circuits } from '../accounts/circuits.ts';
import type { Logger } from '../logger.ts';
import type { Queue } from '../queue/queue.ts';
import type { LookUpResult, UnknownAttempt } from '../queue/shapes.ts';
import { Rounds } from './rounds.ts';

export interface ReconciliationOptions {
  readonly queue: Pick<Queue, 'claimUnknown' | 'resolveUnknown'>;
  readonly accounts: ReadonlyMap<string, ProviderAccount>;
  readonly circuits: Pick<Circuits, 'isOpen'>;
  readonly http: HttpClient;
  readonly everyMs: number;
  readonly log: Logger;
  readonly onLookedUp: (result: string) => void;
}

/** Few at a time and one after the other: look-ups share the carrier's limits with what is being sent. */
const AT_ONCE = 20;
/** Longer than the look-ups of one round take, page by page. */
const LEASE_SECONDS = 300;

/**
 * Settles attempts whose end nobody knows by searching the carrier's own log. Signed callbacks come first: the database
 * gives them a minute, and what they settle is not handed out any more.
 */
export function createReconciliation(options: ReconciliationOptions): Rounds {
  const reconciliation = new Reconciliation(options);
  return new Rounds({ everyMs: options.everyMs, round: (signal) => reconciliation.round(signal) });
}

class Reconciliation {
  readonly #options: ReconciliationOptions;

  constructor(options: ReconciliationOptions) {
    this.#options = options;
  }

  async round(signal: AbortSignal): Promise<void> {
    try {
      let attempts: readonly UnknownAttempt[] = [];
      do {
        attempts = await this.#options.queue.claimUnknown(AT_ONCE, LEASE_SECONDS);
        for (const attempt of attempts) {
          if (signal.aborted) return;
          await this.#lookUp(attempt, signal);
        }
      } while (attempts.length === AT_ONCE);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'unknown attempts not looked up');
    }
  }

  async #lookUp(attempt: UnknownAttempt, signal: AbortSignal): Promise<void> {
    const { queue, log, onLookedUp } = this.#options;
    const outcome = await this.#search(attempt, signal);
    if (signal.aborted && outcome.kind === 'failed') return;
    const decision = await queue.resolveUnknown(attempt.attempt_id, resultOf(outcome));
    onLookedUp(outcome.kind);
    const ids = {
      organization_id: attempt.organization_id,
      message_id: attempt.message_id,
      job_id: attempt.job_id,
      attempt_id: attempt.attempt_id,
    };
    const facts = { ...ids, result: outcome.kind, decision, look_ups: attempt.look_ups };
    if (decision === 'unconfirmed')
      log.error({ ...facts, alert: true }, 'nobody knows whether this was sent');
    else log.info(facts, 'attempt of unknown end looked up');
  }

  async #search(attempt: UnknownAttempt, signal: AbortSignal): Promise<LookUpOutcome> {
    const account = this.#options.accounts.get(attempt.credentials_ref);
    if (account === undefined || account.provider !== attempt.provider) return failed('credentials_missing');
    if (this.#options.circuits.isOpen(attempt.provider_account_id)) return failed('provider_unreachable');
    const waitedMs = (attempt.finished_at ?? attempt.started_at).getTime() - attempt.started_at.getTime();
    return account.lookUp(
      {
        attemptId: attempt.attempt_id,
        from: attempt.from,
        to: attempt.to,
        senderPool: attempt.messaging_service_sid,
        bodySha256: createHash('sha256')
          .update(attempt.body ?? '', 'utf8')
          .digest('hex'),
        startedAt: attempt.started_at,
        timeoutMs: Math.max(0, waitedMs),
        knownProviderMessageIds: new Set(attempt.known_provider_message_ids),
        signal,
      },
      this.#options.http,
    );
  }
}

function failed(code: 'credentials_missing' | 'provider_unreachable'): LookUpOutcome {
  return { kind: 'failed', code, httpStatus: null, retryAfterSeconds: null };
}

function resultOf(outcome: LookUpOutcome): LookUpResult {
  if (outcome.kind !== 'found') return { kind: outcome.kind };
  return {
    kind: 'found',
    provider_message_id: outcome.providerMessageId,
    provider_status: outcome.providerStatus,
    // A status we do not know is at least proof that the carrier has it.
    status: outcome.status ?? 'sent',
    ...(outcome.providerCode === null ? {} : { error_code: outcome.providerCode }),
    ...(outcome.code === null ? {} : { error_text: sendErrorFacts(outcome.code).userText }),
  };
}
