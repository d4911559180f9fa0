import { HttpFailure } from './http-client.ts';
import type { HttpReply } from './http-client.ts';
import { parseJsonObject } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Clock, RequestFailure, SendOutcome } from './provider.ts';
import { sendErrorFacts } from './send-error.ts';
import type { SendErrorCode } from './send-error.ts';

const LONGEST_RETRY_AFTER_SECONDS = 86_400;

/** A refusal as one carrier words it: its own code, if it gave one, and ours. */
export interface ReadRefusal {
  readonly providerCode: string | null;
  readonly code: SendErrorCode;
  /** Seconds to wait, where the carrier says so elsewhere than in Retry-After. */
  readonly waitSeconds?: number | null;
}

/** Only a failure known to precede the first byte is safe to repeat; whatever is not known is unknown. */
export function sendFailure(failure: unknown): SendOutcome {
  if (failure instanceof HttpFailure && !failure.requestWritten) {
    return notSent(failure.reason === 'aborted' ? 'stopped_before_sending' : 'provider_unreachable');
  }
  return { kind: 'unknown', code: 'no_answer', httpStatus: null };
}

/** Refused by ourselves: the carrier was not asked. */
export function notSent(code: SendErrorCode): SendOutcome {
  return { kind: 'not_sent', code, providerCode: null, httpStatus: null, retryAfterSeconds: null };
}

/**
 * What an answer to a create means. 2xx that names a message is accepted; 4xx is certainly not sent; all else is unknown.
 * @param accepted reads the outcome from a 2xx; null when the answer names no message
 * @param refusal reads the carrier's words from a 4xx
 */
export function sendReply(
  reply: HttpReply,
  now: Clock,
  accepted: (body: JsonObject | null) => SendOutcome | null,
  refusal: (body: JsonObject | null) => ReadRefusal,
): SendOutcome {
  const body = parseJsonObject(reply.text);
  const httpStatus = reply.status;
  if (httpStatus >= 200 && httpStatus < 300) {
    return accepted(body) ?? { kind: 'unknown', code: 'unreadable_answer', httpStatus };
  }
  if (httpStatus < 400 || httpStatus >= 500) return { kind: 'unknown', code: 'no_answer', httpStatus };
  const { providerCode, code, waitSeconds } = refusal(body);
  // Without the carrier's own code, a time-out status speaks for some proxy that may well have passed the request on.
  if (providerCode === null && (httpStatus === 408 || httpStatus === 499)) {
    return { kind: 'unknown', code: 'no_answer', httpStatus };
  }
  const facts = sendErrorFacts(code);
  const asked = retryAfterSeconds(reply.headers['retry-after'], now) ?? waitSeconds ?? null;
  return {
    kind: facts.later ? 'later' : 'not_sent',
    code,
    providerCode,
    httpStatus,
    retryAfterSeconds: longer(asked, facts.waitSeconds),
  };
}

/** A request that changes nothing when repeated got no answer. */
export function requestFailure(failure: unknown): RequestFailure {
  const wasStopped =
    failure instanceof HttpFailure && failure.reason === 'aborted' && !failure.requestWritten;
  const code = wasStopped ? 'stopped_before_sending' : 'no_answer';
  return { kind: 'failed', code, httpStatus: null, retryAfterSeconds: null };
}

/** A request that changes nothing when repeated got an answer that is none. */
export function failedReply(reply: HttpReply, now: Clock, refused: ReadRefusal): RequestFailure {
  const isReadable = reply.status >= 400 && reply.status < 500;
  const code = isReadable ? refused.code : reply.status < 300 ? 'unreadable_answer' : 'no_answer';
  const asked = retryAfterSeconds(reply.headers['retry-after'], now) ?? refused.waitSeconds ?? null;
  return { kind: 'failed', code, httpStatus: reply.status, retryAfterSeconds: asked };
}

/** A log that does not end is not read to its end. */
export const endlessLog: RequestFailure = {
  kind: 'failed',
  code: 'unreadable_answer',
  httpStatus: null,
  retryAfterSeconds: null,
};

/** Our word for a refusal whose code is missing or not in the carrier's table. */
export function codeByStatus(status: number): SendErrorCode {
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'account_unauthorized';
  return 'rejected';
}

/** Whole seconds from a header that holds a number of them, within a day; null when absent or senseless. */
export function secondsOf(header: string | undefined): number | null {
  const text = header?.trim() ?? '';
  return /^\d+(\.\d+)?$/.test(text) ? withinADay(Number(text)) : null;
}

/** Seconds from a Retry-After header, given as a number or as an HTTP date; null when absent or senseless. */
function retryAfterSeconds(header: string | undefined, now: Clock): number | null {
  const text = header?.trim() ?? '';
  // Date.parse alone would read "-5" as a year.
  if (!/^[A-Z][a-z]{2}, \d/.test(text)) return secondsOf(header);
  const seconds = (Date.parse(text) - now()) / 1000;
  return Number.isFinite(seconds) ? withinADay(seconds) : null;
}

function withinADay(seconds: number): number {
  return Math.min(Math.max(0, Math.ceil(seconds)), LONGEST_RETRY_AFTER_SECONDS);
}

function longer(asked: number | null, usual: number | null): number | null {
  if (asked === null || usual === null) return asked ?? usual;
  return Math.max(asked, usual);
}
