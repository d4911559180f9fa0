import { codeByStatus, notSent, sendFailure, sendReply } from '../carrier-answer.ts';
import type { ReadRefusal } from '../carrier-answer.ts';
import type { HttpClient } from '../http-client.ts';
import { countOf, readCode, textOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { Clock, SendOutcome, SendRequest } from '../provider.ts';
import { isWithinWindow, toWholeSecond } from '../schedule-window.ts';
import { errorCode } from './error-map.ts';
import { attemptWebhookUrl } from './webhook.ts';

/**
 * Seconds a message may wait in Twilio's own queue. Nothing is called back while it waits, so this bounds how
 * long an attempt without an answer can stay unsettled. Twilio takes 1 to 36,000.
 */
const VALIDITY_SECONDS = 14_400;

/** Source: twilio.com/docs/api/errors/35114 and 35117. Older pages say 15 minutes and 7 days. */
export const scheduleWindow = { leastMs: 300_000, mostMs: 35 * 86_400_000 };

export interface SendingAccount {
  readonly accountSid: string;
  readonly apiBaseUrl: string;
  /** Value of the Authorization header. */
  readonly authorization: string;
  readonly now: Clock;
}

/** Offers one message to Twilio, once. Never throws. */
export async function sendMessage(
  account: SendingAccount,
  request: SendRequest,
  http: HttpClient,
): Promise<SendOutcome> {
  if (!canBeScheduled(request, account.now())) return notSent('schedule_not_possible');
  try {
    const reply = await http({
      method: 'POST',
      url: messagesUrl(account),
      headers: formHeaders(account),
      body: messageForm(request).toString(),
      timeoutMs: request.timeoutMs,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    return sendReply(
      reply,
      account.now,
      (body) => accepted(reply.status, body),
      (body) => readRefusal(reply.status, body),
    );
  } catch (failure) {
    return sendFailure(failure);
  }
}

/** The address of the account's messages, or of one of them. */
export function messagesUrl(account: SendingAccount, sid?: string): string {
  const path = sid === undefined ? 'Messages' : `Messages/${encodeURIComponent(sid)}`;
  return `${account.apiBaseUrl}/2010-04-01/Accounts/${account.accountSid}/${path}.json`;
}

export function formHeaders(account: SendingAccount): Record<string, string> {
  return {
    authorization: account.authorization,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
}

/**
 * Twilio schedules only through a messaging service. Without one it is said to drop the two parameters and send at
 * once, so its own refusal (35118) is not waited for.
 * Source: twilio.com/docs/messaging/features/message-scheduling, frequently asked questions.
 */
function canBeScheduled({ scheduleAt, senderPool }: SendRequest, now: number): boolean {
  if (scheduleAt == null) return true;
  return senderPool !== null && isWithinWindow(scheduleAt, now, scheduleWindow);
}

function messageForm(request: SendRequest): URLSearchParams {
  const form = new URLSearchParams({ To: request.to });
  if (request.from !== null) form.append('From', request.from);
  if (request.senderPool !== null) form.append('MessagingServiceSid', request.senderPool);
  if (request.body !== '') form.append('Body', request.body);
  for (const url of request.mediaUrls) form.append('MediaUrl', url);
  form.append('StatusCallback', attemptWebhookUrl(request.publicWebhookBase, request.attemptId));
  form.append('ValidityPeriod', String(VALIDITY_SECONDS));
  if (request.scheduleAt != null) {
    form.append('ScheduleType', 'fixed');
    form.append('SendAt', toWholeSecond(request.scheduleAt));
  }
  return form;
}

function accepted(httpStatus: number, body: JsonObject | null): SendOutcome | null {
  const sid = textOf(body?.['sid']);
  if (sid === null) return null;
  return {
    kind: 'accepted',
    providerMessageId: sid,
    providerStatus: textOf(body?.['status']),
    // "0" while a messaging service has not picked its sender yet.
    segments: countOf(body?.['num_segments']),
    httpStatus,
  };
}

/** Both of Twilio's error shapes, the classic one and RFC 9457, carry `code` at the top, as number or text. */
export function readRefusal(status: number, body: JsonObject | null): ReadRefusal {
  const providerCode = readCode(body?.['code']);
  const fallback = codeByStatus(status);
  return { providerCode, code: providerCode === null ? fallback : errorCode(providerCode, fallback) };
}
