import { endlessLog, failedReply, requestFailure } from '../carrier-answer.ts';
import type { HttpClient, HttpReply } from '../http-client.ts';
import { countOf, parseJsonObject, readCode, textOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { LookUpOutcome, LookUpRequest } from '../provider.ts';
import { hexSha256 } from '../sha256.ts';
import { errorCode } from './error-map.ts';
import { isOlderFrom, nextPage, PAGE_SIZE, readPage, timeOf } from './message-pages.ts';
import { messagesUrl, readRefusal } from './send.ts';
import type { SendingAccount } from './send.ts';
import { deliveryStatus } from './status-map.ts';

const REQUEST_TIMEOUT_MS = 15_000;
/** A recipient who was sent more than these since the attempt is for a person to look into. */
const MOST_PAGES = 20;
/** Clocks differ, and Twilio's dates have no fractions of a second. */
const BEFORE_MS = 60_000;
const AFTER_MS = 120_000;

/**
 * Looks for an attempt's message among those sent to its recipient: same text, same sender, made while the attempt
 * waited, not linked to another attempt. It never filters by DateSent, since a message that still waits has none.
 * Never throws. Source: Messages resource of the API of 2010-04-01.
 */
export async function lookUpMessage(
  account: SendingAccount,
  request: LookUpRequest,
  http: HttpClient,
): Promise<LookUpOutcome> {
  const found = new Map<string, JsonObject>();
  try {
    let url: string | null = firstPage(account, request);
    for (let page = 0; url !== null; page += 1) {
      if (page === MOST_PAGES) return endlessLog;
      const reply = await get(account, url, request, http);
      const list = readPage(reply);
      if (list === null) {
        return failedReply(reply, account.now, readRefusal(reply.status, parseJsonObject(reply.text)));
      }
      for (const message of list.messages) {
        const sid = textOf(message['sid']);
        if (sid !== null && (await fits(message, sid, request))) found.set(sid, message);
      }
      const times = list.messages.map((message) => timeOf(message['date_created']));
      url = isOlderFrom(times, window(request)[0]) ? null : nextPage(account, list.next);
    }
  } catch (failure) {
    return requestFailure(failure);
  }
  return settle(found);
}

function firstPage(account: SendingAccount, request: LookUpRequest): string {
  const query = new URLSearchParams({ To: request.to, PageSize: String(PAGE_SIZE) });
  if (request.from !== null) query.append('From', request.from);
  return `${messagesUrl(account)}?${query.toString()}`;
}

function get(
  account: SendingAccount,
  url: string,
  request: LookUpRequest,
  http: HttpClient,
): Promise<HttpReply> {
  return http({
    method: 'GET',
    url,
    headers: { authorization: account.authorization, accept: 'application/json' },
    timeoutMs: REQUEST_TIMEOUT_MS,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
}

async function fits(message: JsonObject, sid: string, request: LookUpRequest): Promise<boolean> {
  if (request.knownProviderMessageIds.has(sid)) return false;
  if (message['direction'] !== 'outbound-api' || message['to'] !== request.to) return false;
  const createdAt = timeOf(message['date_created']);
  const [from, until] = window(request);
  if (createdAt === null || createdAt < from || createdAt > until) return false;
  if (!isSameSender(message, request)) return false;
  return (await hexSha256(textOf(message['body']) ?? '')) === request.bodySha256.toLowerCase();
}

/** A pool's message names its sender once one is chosen, so the pool itself is compared. */
function isSameSender(message: JsonObject, request: LookUpRequest): boolean {
  if (request.from !== null) return message['from'] === request.from;
  return request.senderPool === null || message['messaging_service_sid'] === request.senderPool;
}

function window({ startedAt, timeoutMs }: LookUpRequest): [from: number, until: number] {
  const start = startedAt.getTime();
  return [start - BEFORE_MS, start + timeoutMs + AFTER_MS];
}

function settle(found: ReadonlyMap<string, JsonObject>): LookUpOutcome {
  const [only, ...others] = found;
  if (only === undefined) return { kind: 'none' };
  if (others.length > 0) return { kind: 'ambiguous', candidates: [...found.keys()] };
  const [providerMessageId, message] = only;
  const providerStatus = textOf(message['status']);
  const providerCode = readCode(message['error_code']);
  return {
    kind: 'found',
    providerMessageId,
    providerStatus,
    status: providerStatus === null ? null : deliveryStatus(providerStatus),
    segments: countOf(message['num_segments']),
    providerCode,
    code: providerCode === null ? null : errorCode(providerCode, 'carrier_failed'),
  };
}
