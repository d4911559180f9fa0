import { codeByStatus, notSent, secondsOf, sendFailure, sendReply } from '../carrier-answer.ts';
import type { ReadRefusal } from '../carrier-answer.ts';
import type { HttpClient, HttpReply } from '../http-client.ts';
import { countOf, isJsonObject, listOf, textOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { Clock, SendOutcome, SendRequest } from '../provider.ts';
import { isWithinWindow, toWholeSecond } from '../schedule-window.ts';
import type { AttemptSealer } from './attempt-seal.ts';
import { errorCode, readError } from './error-map.ts';

/** Source: developers.telnyx.com/docs/messaging/messages/schedule-message. */
export const scheduleWindow = { leastMs: 300_000, mostMs: 5 * 86_400_000 };

export interface SendingAccount {
  /** Without the version, which is part of every path. */
  readonly apiBaseUrl: string;
  /** Value of the Authorization header. */
  readonly authorization: string;
  /** Used where a message names no group of senders itself. */
  readonly messagingProfileId: string | null;
  readonly sealer: AttemptSealer;
  readonly now: Clock;
}

/**
 * Offers one message to Telnyx, once. Never throws. The call takes no idempotency key: telnyx-node 7.24 declares the
 * header for other endpoints and not for this one, so what is repeated may be sent twice.
 */
export async function sendMessage(
  account: SendingAccount,
  request: SendRequest,
  http: HttpClient,
): Promise<SendOutcome> {
  if (request.scheduleAt != null && !isWithinWindow(request.scheduleAt, account.now(), scheduleWindow)) {
    return notSent('schedule_not_possible');
  }
  try {
    const body = JSON.stringify(await messageBody(account, request));
    const reply = await http({
      method: 'POST',
      url: `${account.apiBaseUrl}/v2/messages`,
      headers: { ...apiHeaders(account), 'content-type': 'application/json' },
      body,
      timeoutMs: request.timeoutMs,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    return sendReply(
      reply,
      account.now,
      (answer) => accepted(reply.status, answer),
      (answer) => readRefusal(reply, answer),
    );
  } catch (failure) {
    return sendFailure(failure);
  }
}

export function apiHeaders(account: SendingAccount): Record<string, string> {
  return { authorization: account.authorization, accept: 'application/json' };
}

async function messageBody(account: SendingAccount, request: SendRequest): Promise<JsonObject> {
  const profile = request.senderPool ?? account.messagingProfileId;
  return {
    to: request.to,
    ...(request.from === null ? {} : { from: request.from }),
    ...(profile === null ? {} : { messaging_profile_id: profile }),
    ...(request.body === '' ? {} : { text: request.body }),
    ...(request.mediaUrls.length === 0 ? {} : { media_urls: request.mediaUrls }),
    webhook_url: await account.sealer.sealedUrl(request.publicWebhookBase, request.attemptId),
    // Three more deliveries where the first address does not answer.
    use_profile_webhooks: true,
    ...(request.scheduleAt == null ? {} : { send_at: toWholeSecond(request.scheduleAt) }),
  };
}

function accepted(httpStatus: number, body: JsonObject | null): SendOutcome | null {
  const message = body?.['data'];
  const id = isJsonObject(message) ? textOf(message['id']) : null;
  if (!isJsonObject(message) || id === null) return null;
  return {
    kind: 'accepted',
    providerMessageId: id,
    providerStatus: recipientStatus(message),
    segments: countOf(message['parts']),
    httpStatus,
  };
}

/** The status of a message is that of its one recipient. */
export function recipientStatus(message: JsonObject | null): string | null {
  const [recipient] = listOf(message?.['to']);
  return isJsonObject(recipient) ? textOf(recipient['status']) : null;
}

export function readRefusal(reply: HttpReply, body: JsonObject | null): ReadRefusal {
  const error = readError(body?.['errors']);
  const fallback = codeByStatus(reply.status);
  return {
    providerCode: error?.code ?? null,
    code: error === null ? fallback : errorCode(error, fallback),
    // Source: developers.telnyx.com, "Telnyx API rate limiting": seconds until the limit resets.
    waitSeconds: reply.status === 429 ? secondsOf(reply.headers['x-ratelimit-reset']) : null,
  };
}
