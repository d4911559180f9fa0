import { sendErrorFacts } from '@threadline/providers';
import type { SendErrorClass, SendErrorCode, SendOutcome } from '@threadline/providers';

/** What one task came to. `released`: for certain nothing was submitted, so the job goes back as it was. */
export type TaskResult =
  | { readonly kind: 'settled'; readonly outcome: AttemptOutcome }
  | { readonly kind: 'released'; readonly attemptId: string };

/** One element of `worker.complete`'s batch, named as SQL names it. */
export interface AttemptOutcome {
  readonly attempt_id: string;
  readonly outcome: 'accepted' | 'not_sent' | 'later' | 'unknown';
  readonly provider_message_id?: string;
  readonly provider_status?: string | null;
  readonly segments?: number | null;
  readonly http_status?: number | null;
  /** The carrier's code, else ours. */
  readonly error_code?: string;
  readonly error_class?: SendErrorClass;
  /** Our code: for whoever looks into it. */
  readonly error_message?: string;
  /** For the agent. */
  readonly error_text?: string;
  readonly retry_after_seconds?: number | null;
}

export function attemptOutcome(attemptId: string, outcome: SendOutcome): AttemptOutcome {
  switch (outcome.kind) {
    case 'accepted':
      return {
        attempt_id: attemptId,
        outcome: 'accepted',
        provider_message_id: outcome.providerMessageId,
        provider_status: outcome.providerStatus,
        segments: outcome.segments,
        http_status: outcome.httpStatus,
      };
    case 'not_sent':
    case 'later':
      return {
        ...refusal(attemptId, outcome.kind, outcome.code),
        error_code: outcome.providerCode ?? outcome.code,
        http_status: outcome.httpStatus,
        retry_after_seconds: outcome.retryAfterSeconds,
      };
    case 'unknown':
      return {
        attempt_id: attemptId,
        outcome: 'unknown',
        http_status: outcome.httpStatus,
        error_code: outcome.code,
        error_message: outcome.code,
        error_text: sendErrorFacts(outcome.code).userText,
      };
  }
}

/** An outcome found on our side of the wire: nothing was submitted. */
export function refusal(
  attemptId: string,
  outcome: 'not_sent' | 'later',
  code: SendErrorCode,
): AttemptOutcome {
  const facts = sendErrorFacts(code);
  return {
    attempt_id: attemptId,
    outcome,
    error_code: code,
    error_class: facts.class,
    error_message: code,
    error_text: facts.userText,
    retry_after_seconds: facts.waitSeconds,
  };
}

/** A template that cannot be filled in, now or ever: its variables are those of the job. */
export function unrenderable(attemptId: string): AttemptOutcome {
  return {
    attempt_id: attemptId,
    outcome: 'not_sent',
    error_code: 'TL111',
    error_class: 'permanent',
    error_message: 'template_not_renderable',
    error_text: 'Not sent: the template could not be filled in with the values of this message.',
  };
}
