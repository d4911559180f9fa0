import { endlessLog, failedReply, requestFailure } from '../carrier-answer.ts';
import type { HttpClient } from '../http-client.ts';
import { countOf, listOf, parseJsonObject, readCode, textOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { DeliveryStatus, LookUpOutcome, LookUpRequest } from '../provider.ts';
import { queryOf, readAttemptId } from '../webhook-url.ts';
import { detailRecordsUrl, readRecords } from './detail-records.ts';
import { errorCode } from './error-map.ts';
import { apiHeaders, readRefusal } from './send.ts';
import type { SendingAccount } from './send.ts';

const REQUEST_TIMEOUT_MS = 15_000;
const MOST_PAGES = 20;

/**
 * What a detail record says in the end, and it says nothing before. A gateway that never answered may still have
 * passed the message on. Source: telnyx-node 7.24, MessageDetailRecord.
 */
const recordStatuses: ReadonlyMap<string, DeliveryStatus> = new Map<string, DeliveryStatus>([
  ['delivered', 'delivered'],
  ['dlr_unconfirmed', 'sent'],
  ['dlr_timeout', 'sent'],
  ['gw_timeout', 'sent'],
  ['gw_reject', 'failed'],
  ['failed', 'undelivered'],
]);

/**
 * Looks for an attempt's message by the attempt's id, which is in the webhook address of its detail record: an exact
 * match, whatever the text. Telnyx has no list of messages. Never throws.
 * Source: developers.telnyx.com/api-reference/detail-records/search-detail-records.
 */
export async function lookUpMessage(
  account: SendingAccount,
  request: LookUpRequest,
  http: HttpClient,
): Promise<LookUpOutcome> {
  const found = new Map<string, JsonObject>();
  try {
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const { to, startedAt, timeoutMs, signal } = request;
      const reply = await http({
        method: 'GET',
        url: detailRecordsUrl(account, {
          filters: { cld: to },
          since: startedAt,
          until: new Date(startedAt.getTime() + timeoutMs),
          page,
        }),
        headers: apiHeaders(account),
        timeoutMs: REQUEST_TIMEOUT_MS,
        ...(signal === undefined ? {} : { signal }),
      });
      const list = readRecords(reply, page);
      if (list === null) {
        return failedReply(reply, account.now, readRefusal(reply, parseJsonObject(reply.text)));
      }
      for (const record of list.records) {
        const id = textOf(record['uuid']);
        if (id !== null && !request.knownProviderMessageIds.has(id) && isOfAttempt(record, request)) {
          found.set(id, record);
        }
      }
      if (page >= list.pages) return settle(found);
    }
    return endlessLog;
  } catch (failure) {
    return requestFailure(failure);
  }
}

function isOfAttempt(record: JsonObject, request: LookUpRequest): boolean {
  if (record['direction'] === 'inbound') return false;
  const url = textOf(record['delivery_status_webhook_url']) ?? '';
  return readAttemptId(queryOf(url).get('a')) === request.attemptId.toLowerCase();
}

function settle(found: ReadonlyMap<string, JsonObject>): LookUpOutcome {
  const [only, ...others] = found;
  if (only === undefined) return { kind: 'none' };
  if (others.length > 0) return { kind: 'ambiguous', candidates: [...found.keys()] };
  const [providerMessageId, record] = only;
  const providerStatus = textOf(record['status']);
  const [firstError] = listOf(record['errors']);
  const providerCode = readCode(firstError);
  return {
    kind: 'found',
    providerMessageId,
    providerStatus,
    status: providerStatus === null ? 'sent' : (recordStatuses.get(providerStatus) ?? null),
    segments: countOf(record['parts']),
    providerCode,
    code: providerCode === null ? null : errorCode({ code: providerCode, text: '' }, 'rejected'),
  };
}
