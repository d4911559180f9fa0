import { failedReply, requestFailure } from '../carrier-answer.ts';
import type { HttpClient } from '../http-client.ts';
import { isJsonObject, parseJsonObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { StatusOutcome, StatusRequest } from '../provider.ts';
import { errorCode, readError } from './error-map.ts';
import { apiHeaders, readRefusal, recipientStatus } from './send.ts';
import type { SendingAccount } from './send.ts';
import { deliveryStatus } from './status-map.ts';

/**
 * Fetches one message, which Telnyx keeps for ten days. Never throws.
 * Source: developers.telnyx.com/api-reference/messages/retrieve-a-message.
 */
export async function readMessageStatus(
  account: SendingAccount,
  request: StatusRequest,
  http: HttpClient,
): Promise<StatusOutcome> {
  try {
    const reply = await http({
      method: 'GET',
      url: `${account.apiBaseUrl}/v2/messages/${encodeURIComponent(request.providerMessageId)}`,
      headers: apiHeaders(account),
      timeoutMs: request.timeoutMs,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const body = parseJsonObject(reply.text);
    const isAnswered = reply.status >= 200 && reply.status < 300;
    const known = isAnswered ? statusOf(body?.['data'], request.providerMessageId) : null;
    if (known !== null) return known;
    const refusal = readRefusal(reply, body);
    if (reply.status === 404 && refusal.providerCode !== null) return { kind: 'gone' };
    return failedReply(reply, account.now, refusal);
  } catch (failure) {
    return requestFailure(failure);
  }
}

function statusOf(message: unknown, id: string): StatusOutcome | null {
  if (!isJsonObject(message) || message['id'] !== id) return null;
  return knownStatus(message);
}

function knownStatus(message: JsonObject): StatusOutcome | null {
  const providerStatus = recipientStatus(message);
  if (providerStatus === null) return null;
  const error = readError(message['errors']);
  return {
    kind: 'known',
    providerStatus,
    status: deliveryStatus(providerStatus),
    providerCode: error?.code ?? null,
    code: error === null ? null : errorCode(error, 'rejected'),
  };
}
