import { HttpFailure } from '../http-client.ts';
import type { HttpClient, HttpReply } from '../http-client.ts';
import type { SendOutcome, SendRequest } from '../provider.ts';
import { sendErrorFacts } from '../send-error.ts';
import type { SendErrorCode } from '../send-error.ts';
import { errorCode } from './error-map.ts';
import { twilioWebhookUrl } from './webhook.ts';

/**
 * Seconds a message may wait in Twilio's own queue. Nothing is called back while it waits, so this bounds how
 * long an attempt without an answer can stay unsettled. Twilio takes 1 to 36,000.
 */
const VALIDITY_SECONDS = 14_400;
const LONGEST_RETRY_AFTER_SECONDS = 86_400;

export interface SendingAccount {
  readonly accountSid: string;
  readonly apiBaseUrl: string;
  /** Value of the Authorization header. */
  readonly authorization: string;
}

/** Offers one message to Twilio, once. Never throws. */
export async function sendMessage(
  account: SendingAccount,
  request: SendRequest,
  http: HttpClient,
): Promise<SendOutcome> {
  try {
    const reply = await http({
      method: 'POST',
      url: `${account.apiBaseUrl}/2010-04-01/Accounts/${account.accountSid}/Messages.json`,
      headers: {
        authorization: account.authorization,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: messageForm(request).toString(),
      timeoutMs: request.timeoutMs,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    return classifyReply(reply);
  } catch (failure) {
    return classifyFailure(failure);
  }
}

function messageForm(request: SendRequest): URLSearchParams {
  const form = new URLSearchParams({ To: request.to });
  if (request.from !== null) form.append('From', request.from);
  if (request.senderPool !== null) form.append('MessagingServiceSid', request.senderPool);
  if (request.body !== '') form.append('Body', request.body);
  for (const url of request.mediaUrls) form.append('MediaUrl', url);
  form.append('StatusCallback', twilioWebhookUrl(request.publicWebhookBase, request.attemptId));
  form.append('ValidityPeriod', String(VALIDITY_SECONDS));
  return form;
}

/** Only a failure known to precede the first byte is safe to repeat; whatever is not known is unknown. */
function classifyFailure(failure: unknown): SendOutcome {
  if (failure instanceof HttpFailure && !failure.requestWritten) {
    const code = failure.reason === 'aborted' ? 'stopped_before_sending' : 'provider_unreachable';
    return { kind: 'not_sent', code, providerCode: null, httpStatus: null, retryAfterSeconds: null };
  }
  return { kind: 'unknown', code: 'no_answer', httpStatus: null };
}

function classifyReply(reply: HttpReply): SendOutcome {
  const body = parseJsonObject(reply.text);
  if (reply.status >= 200 && reply.status < 300) return acceptedOrUnknown(reply.status, body);
  if (reply.status >= 400 && reply.status < 500) return refusedOrUnknown(reply, body);
  return { kind: 'unknown', code: 'no_answer', httpStatus: reply.status };
}

function acceptedOrUnknown(httpStatus: number, body: Record<string, unknown> | null): SendOutcome {
  const sid = body?.['sid'];
  if (typeof sid !== 'string' || sid === '')
    return { kind: 'unknown', code: 'unreadable_answer', httpStatus };
  const status = body?.['status'];
  const segments = Number(body?.['num_segments']);
  return {
    kind: 'accepted',
    providerMessageId: sid,
    providerStatus: typeof status === 'string' ? status : null,
    // "0" while a messaging service has not picked its sender yet.
    segments: Number.isSafeInteger(segments) && segments > 0 ? segments : null,
    httpStatus,
  };
}

function refusedOrUnknown(reply: HttpReply, body: Record<string, unknown> | null): SendOutcome {
  const providerCode = readCode(body);
  // Without Twilio's own code, a time-out status speaks for some proxy that may well have passed the request on.
  if (providerCode === null && (reply.status === 408 || reply.status === 499)) {
    return { kind: 'unknown', code: 'no_answer', httpStatus: reply.status };
  }
  const fallback = codeByStatus(reply.status);
  const code = providerCode === null ? fallback : errorCode(providerCode, fallback);
  const facts = sendErrorFacts(code);
  return {
    kind: facts.later ? 'later' : 'not_sent',
    code,
    providerCode,
    httpStatus: reply.status,
    retryAfterSeconds: longer(retryAfterSeconds(reply.headers['retry-after']), facts.waitSeconds),
  };
}

function codeByStatus(status: number): SendErrorCode {
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'account_unauthorized';
  return 'rejected';
}

/** Both of Twilio's error shapes, the classic one and RFC 9457, carry `code` at the top, as number or text. */
function readCode(body: Record<string, unknown> | null): string | null {
  const code = body?.['code'];
  if (typeof code === 'number' && Number.isSafeInteger(code)) return String(code);
  return typeof code === 'string' && /^\d{1,10}$/.test(code) ? code : null;
}

function parseJsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Seconds from a Retry-After header, given as a number or as an HTTP date; null when absent or senseless. */
function retryAfterSeconds(header: string | undefined): number | null {
  const text = header?.trim() ?? '';
  // Date.parse alone would read "-5" as a year.
  const isDate = /^[A-Z][a-z]{2}, \d/.test(text);
  if (!isDate && !/^\d+$/.test(text)) return null;
  const seconds = isDate ? (Date.parse(text) - Date.now()) / 1000 : Number(text);
  if (!Number.isFinite(seconds)) return null;
  return Math.min(Math.max(0, Math.ceil(seconds)), LONGEST_RETRY_AFTER_SECONDS);
}

function longer(asked: number | null, usual: number | null): number | null {
  if (asked === null || usual === null) return asked ?? usual;
  return Math.max(asked, usual);
}
