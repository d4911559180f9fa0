import { failedReply, requestFailure } from '../carrier-answer.ts';
import type { HttpClient, HttpReply } from '../http-client.ts';
import { isJsonObject, parseJsonObject, textOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type {
  InboundListOutcome,
  InboundListRequest,
  InboundReadOutcome,
  InboundReadRequest,
  LoggedText,
} from '../provider.ts';
import { detailRecordsUrl, readRecords } from './detail-records.ts';
import { apiHeaders, readRefusal } from './send.ts';
import type { SendingAccount } from './send.ts';
import { readLoggedText } from './webhook.ts';

/**
 * A page of the records of texts to one of our numbers. Records hold no words, so each text is a request of its own.
 * Never throws.
 */
export async function listInboundRecords(
  account: SendingAccount,
  request: InboundListRequest,
  http: HttpClient,
): Promise<InboundListOutcome> {
  const { to, since, until } = request;
  const page = Number(request.page ?? 1);
  try {
    const filters = { cld: to, direction: 'inbound' };
    const url = detailRecordsUrl(account, { filters, since, until, page });
    const reply = await get(account, url, request, http);
    const list = readRecords(reply, page);
    if (list === null) {
      return failedReply(reply, account.now, readRefusal(reply, parseJsonObject(reply.text)));
    }
    const texts = list.records.flatMap((record) => loggedText(record, request));
    return { kind: 'page', texts, next: page >= list.pages ? null : String(page + 1) };
  } catch (failure) {
    return requestFailure(failure);
  }
}

function loggedText(record: JsonObject, { to, since, until }: InboundListRequest): LoggedText[] {
  const providerMessageId = textOf(record['uuid']);
  const time = Date.parse(textOf(record['created_at']) ?? '');
  if (providerMessageId === null || record['direction'] !== 'inbound' || record['cld'] !== to) return [];
  if (![undefined, 'SMS', 'MMS'].some((type) => record['message_type'] === type)) return [];
  // A time that cannot be read is in no range.
  if (!(time >= since.getTime() && time < until.getTime())) return [];
  return [{ providerMessageId, sentAt: new Date(time), event: null }];
}

/**
 * Fetches a text, which Telnyx keeps for ten days. Never throws.
 * Source: developers.telnyx.com/api-reference/messages/retrieve-a-message.
 */
export async function readInboundMessage(
  account: SendingAccount,
  request: InboundReadRequest,
  http: HttpClient,
): Promise<InboundReadOutcome> {
  const { providerMessageId: id } = request;
  try {
    const url = `${account.apiBaseUrl}/v2/messages/${encodeURIComponent(id)}`;
    const reply = await get(account, url, request, http);
    const body = parseJsonObject(reply.text);
    const message = reply.status < 300 ? body?.['data'] : null;
    const event = isJsonObject(message) && message['id'] === id ? readLoggedText(message) : null;
    if (event !== null) return { kind: 'read', event };
    const refusal = readRefusal(reply, body);
    if (reply.status === 404 && refusal.providerCode !== null) return { kind: 'gone' };
    return failedReply(reply, account.now, refusal);
  } catch (failure) {
    return requestFailure(failure);
  }
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
    headers: apiHeaders(account),
    timeoutMs: request.timeoutMs,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
}
