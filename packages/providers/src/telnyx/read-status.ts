import { failedReply, requestFailure } from '../carrier-answer.ts';
import type { HttpClient } from '../http-client.ts';
import { isJsonObject, parseJsonObject } from '../json.ts';
import type { StatusOutcome, StatusRequest } from '../provider.ts';
import { apiHeaders, readRefusal, recipientStatus } from './send.ts';
import type { SendingAccount } from './send.ts';
import { deliveryStatus } from './status-map.ts';

/** Asks where a message stands. Never throws. Source: developers.telnyx.com/api-reference/messages/retrieve-a-message. */
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
    const message = body?.['data'];
    const providerStatus = isJsonObject(message) ? recipientStatus(message) : null;
    if (reply.status >= 200 && reply.status < 300 && providerStatus !== null) {
      return { kind: 'found', providerStatus, status: deliveryStatus(providerStatus) };
    }
    const refusal = readRefusal(reply, body);
    // A 404 without an error of Telnyx's own may come from anything on the way.
    if (reply.status === 404 && refusal.providerCode !== null) return { kind: 'none', httpStatus: 404 };
    return failedReply(reply, account.now, refusal);
  } catch (failure) {
    return requestFailure(failure);
  }
}
