import { keywordIntent } from '@threadline/messaging/intent';
import { failedReply, requestFailure } from '../carrier-answer.ts';
import type { HttpClient, HttpReply } from '../http-client.ts';
import { countOf, isJsonObject, parseJsonObject, textOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type {
  InboundEvent,
  InboundListOutcome,
  InboundListRequest,
  InboundMedia,
  InboundReadOutcome,
  InboundReadRequest,
  LoggedText,
  RequestFailure,
} from '../provider.ts';
import { isOlderFrom, nextPage, PAGE_SIZE, readPage, timeOf } from './message-pages.ts';
import { messagesUrl, readRefusal } from './send.ts';
import type { SendingAccount } from './send.ts';
import { isAnsweredByDefault, MOST_MEDIA } from './webhook.ts';

const DAY_MS = 86_400_000;

/**
 * A page of the messages to one of our numbers; by number, because there is no filter for the direction. Never throws.
 * Source: Messages resource of the API of 2010-04-01.
 */
export async function listInboundMessages(
  account: SendingAccount,
  request: InboundListRequest,
  http: HttpClient,
): Promise<InboundListOutcome> {
  try {
    const url = request.page === null ? firstPage(account, request) : nextPage(account, request.page);
    const reply = await get(account, url ?? '', request, http);
    const list = readPage(reply);
    if (list === null) return failure(account, reply);
    const times = list.messages.map(sendingTime);
    const isLast = isOlderFrom(times, request.since.getTime());
    return {
      kind: 'page',
      texts: list.messages.flatMap((message) => loggedText(message, request)),
      next: isLast ? null : nextPage(account, list.next),
    };
  } catch (failed) {
    return requestFailure(failed);
  }
}

/** Whole days, one more at the end, and filtered again here: what "on or before midnight" includes is not documented. */
function firstPage(account: SendingAccount, { to, since, until }: InboundListRequest): string {
  const query = new URLSearchParams({
    To: to,
    'DateSent>': since.toISOString().slice(0, 10),
    'DateSent<': new Date(until.getTime() + DAY_MS).toISOString().slice(0, 10),
    PageSize: String(PAGE_SIZE),
  });
  return `${messagesUrl(account)}?${query.toString()}`;
}

/** One that is still being received is there the next time. */
function loggedText(message: JsonObject, { to, since, until }: InboundListRequest): LoggedText[] {
  const providerMessageId = textOf(message['sid']);
  const time = sendingTime(message);
  if (providerMessageId === null || time === null || message['to'] !== to) return [];
  if (message['direction'] !== 'inbound' || message['status'] === 'receiving') return [];
  if (time < since.getTime() || time >= until.getTime()) return [];
  const event = mediaCount(message) > 0 ? null : inboundEvent(message, providerMessageId, []);
  return [{ providerMessageId, sentAt: new Date(time), event }];
}

/** Fetches a message, and its list of pictures if it has any. Never throws. */
export async function readInboundMessage(
  account: SendingAccount,
  request: InboundReadRequest,
  http: HttpClient,
): Promise<InboundReadOutcome> {
  const { providerMessageId: sid } = request;
  try {
    const reply = await get(account, messagesUrl(account, sid), request, http);
    const message = reply.status < 300 ? parseJsonObject(reply.text) : null;
    if (message?.['sid'] !== sid || message['direction'] !== 'inbound') return goneOrFailed(account, reply);
    if (mediaCount(message) === 0) return { kind: 'read', event: inboundEvent(message, sid, []) };
    const list = await get(account, `${mediaUrl(account, sid)}.json`, request, http);
    const items = list.status < 300 ? parseJsonObject(list.text)?.['media_list'] : null;
    if (!Array.isArray(items) || !items.every(isJsonObject)) return goneOrFailed(account, list);
    return { kind: 'read', event: inboundEvent(message, sid, readMedia(account, sid, items)) };
  } catch (failed) {
    return requestFailure(failed);
  }
}

function goneOrFailed(account: SendingAccount, reply: HttpReply): InboundReadOutcome {
  const { providerCode } = readRefusal(reply.status, parseJsonObject(reply.text));
  return reply.status === 404 && providerCode !== null ? { kind: 'gone' } : failure(account, reply);
}

/** As the webhook would have told it, but for the keywords of Advanced Opt-Out: what Twilio took one for is not in its log. */
function inboundEvent(message: JsonObject, sid: string, media: readonly InboundMedia[]): InboundEvent {
  const body = textOf(message['body']) ?? '';
  const to = textOf(message['to']) ?? '';
  return {
    kind: 'inbound',
    eventKey: sid,
    providerMessageId: sid,
    from: textOf(message['from']) ?? '',
    to,
    body,
    segments: countOf(message['num_segments']) ?? 1,
    intent: keywordIntent(body),
    carrierReplied: isAnsweredByDefault(body, to),
    media,
    details: {
      Source: 'log',
      ...kept('ApiVersion', message['api_version']),
      ...kept('MessagingServiceSid', message['messaging_service_sid']),
      ...kept('NumMedia', message['num_media']),
      ...kept('NumSegments', message['num_segments']),
      ...kept('SmsStatus', message['status']),
    },
  };
}

function kept(name: string, value: unknown): Record<string, string> {
  const text = textOf(value);
  return text === null ? {} : { [name]: text };
}

function readMedia(account: SendingAccount, sid: string, items: readonly JsonObject[]): InboundMedia[] {
  return items.slice(0, MOST_MEDIA).flatMap((item) => {
    const mediaSid = textOf(item['sid']);
    if (mediaSid === null) return [];
    const url = `${mediaUrl(account, sid)}/${encodeURIComponent(mediaSid)}`;
    return [{ url, contentType: textOf(item['content_type']) }];
  });
}

function mediaUrl(account: SendingAccount, sid: string): string {
  return `${messagesUrl(account, sid).replace(/\.json$/, '')}/Media`;
}

function sendingTime(message: JsonObject): number | null {
  return timeOf(message['date_sent']) ?? timeOf(message['date_created']);
}

function mediaCount(message: JsonObject): number {
  return countOf(message['num_media']) ?? 0;
}

function get(
  account: SendingAccount,
  url: string,
  request: Pick<InboundListRequest, 'timeoutMs' | 'signal'>,
  http: HttpClient,
): Promise<HttpReply> {
  return http({
    method: 'GET',
    url,
    headers: { authorization: account.authorization, accept: 'application/json' },
    timeoutMs: request.timeoutMs,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
}

function failure(account: SendingAccount, reply: HttpReply): RequestFailure {
  return failedReply(reply, account.now, readRefusal(reply.status, parseJsonObject(reply.text)));
}
