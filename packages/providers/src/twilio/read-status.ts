import { failedReply, requestFailure } from '../carrier-answer.ts';
import type { HttpClient } from '../http-client.ts';
import { parseJsonObject, textOf } from '../json.ts';
import type { StatusOutcome, StatusRequest } from '../provider.ts';
import { messagesUrl, readRefusal } from './send.ts';
import type { SendingAccount } from './send.ts';
import { deliveryStatus } from './status-map.ts';

/** Asks where a message stands. Never throws. Source: Messages resource, fetch. */
export async function readMessageStatus(
  account: SendingAccount,
  request: StatusRequest,
  http: HttpClient,
): Promise<StatusOutcome> {
  try {
    const reply = await http({
      method: 'GET',
      url: messagesUrl(account, request.providerMessageId),
      headers: { authorization: account.authorization, accept: 'application/json' },
      timeoutMs: request.timeoutMs,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const body = parseJsonObject(reply.text);
    const providerStatus = textOf(body?.['status']);
    if (reply.status >= 200 && reply.status < 300 && providerStatus !== null) {
      return { kind: 'found', providerStatus, status: deliveryStatus(providerStatus) };
    }
    const refusal = readRefusal(reply.status, body);
    // A 404 without Twilio's own code may come from anything on the way.
    if (reply.status === 404 && refusal.providerCode === '20404') return { kind: 'none', httpStatus: 404 };
    return failedReply(reply, account.now, refusal);
  } catch (failure) {
    return requestFailure(failure);
  }
}
